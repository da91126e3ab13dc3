import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber, type ExactValue, JsonError, parseExactJson, Repeated } from './exact-json.js';

const LIMITS = { maxValues: 1_000, maxDepth: 32 };

/** As JSON.parse gives it. */
function rounded(value: ExactValue): unknown {
  if (value instanceof ExactNumber) return Number(value.source);
  if (Array.isArray(value)) return value.map(rounded);
  if (value instanceof Repeated) return value.values.map(rounded).at(-1);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rounded(member)]));
}

function fault(text: string, limits = LIMITS): JsonError {
  try {
    parseExactJson(text, limits);
  } catch (error) {
    if (error instanceof JsonError) return error;
  }
  throw new Error(`no JsonError of ${text}`);
}

describe('parseExactJson', () => {
  it('says the same as JSON.parse of every JSON', () => {
    const spaces = fc.constantFrom('', ' ', '\n\t', 3);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), spaces, (json, space) => {
        const text = JSON.stringify(json, null, space);
        expect(rounded(parseExactJson(` ${text}\r\n`, { ...LIMITS, maxValues: 100_000 }))).toEqual(
          JSON.parse(text),
        );
      }),
    );
  });

  it('refuses what JSON.parse refuses, and nothing else but a name that stands twice', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '1',
      '-',
      '.',
      'e',
      'true',
      'null',
      '"a"',
      ' ',
      "'",
      '\n',
      '\u0001',
      '\\u12',
      'é',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (isJson) expect(() => parseExactJson(text, LIMITS)).not.toThrow();
        else expect(fault(text).code).toBe('NOT_JSON');
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps the source of a number, and all that stands under one name', () => {
    expect(parseExactJson('[12345678901234567.0,{"a":1,"a":null,"b":2,"a":"x"}]', LIMITS)).toEqual([
      new ExactNumber('12345678901234567.0'),
      Object.assign(Object.create(null), {
        a: new Repeated([new ExactNumber('1'), null, 'x']),
        b: new ExactNumber('2'),
      }),
    ]);
  });

  it('takes __proto__ for a name like any other', () => {
    const object = parseExactJson('{"__proto__":{"productId":5},"constructor":null}', LIMITS);
    expect(Object.keys(object as object)).toEqual(['__proto__', 'constructor']);
    expect((object as { productId?: unknown }).productId).toBeUndefined();
  });

  it.each([
    ['{"a":1L}', 'a number ends without "L"', 6],
    ["{'a':1}", 'double quotes', 1],
    ['{a:1}', 'a name in double quotes', 1],
    ['{"a":1,}', 'a name in double quotes', 7],
    ['[1,]', 'a value', 3],
    ['[1 2]', '","', 3],
    ['{"a" 1}', '":"', 5],
    ['[NaN]', 'a value', 1],
    ['// x', 'a value', 0],
    ['"abc', 'a text that ends', 0],
    ['"a\\', 'a text that ends', 0],
    ['{} {}', 'nothing more', 3],
    ['nul', 'null', 0],
    ['', 'a value', 0],
  ])('says of %s what was expected, and where', (text, expected, at) => {
    expect(fault(text).message).toContain(expected);
    expect(fault(text).message).toContain(`character ${at}:`);
    expect(fault(text).message.length).toBeLessThan(300);
  });

  it('stops at its limits, before anything more comes into being', () => {
    expect(fault(`[${'{},'.repeat(1_000)}{}]`).code).toBe('TOO_MANY_VALUES');
    expect(fault('['.repeat(100_000)).code).toBe('TOO_MANY_VALUES');
    expect(fault('{"a":'.repeat(100_000)).code).toBe('TOO_MANY_VALUES');
    expect(parseExactJson(`[${'1,'.repeat(998)}1]`, LIMITS)).toHaveLength(999);
  });

  it('reads a name that stands 100,000 times in a time that grows with their number alone', () => {
    const object = parseExactJson(`{${'"a":1,'.repeat(99_000)}"a":1}`, { ...LIMITS, maxValues: 100_000 });
    expect(object).toMatchObject({ a: { values: { length: 99_001 } } });
  });

  it('reads texts in a time that grows with their length alone', () => {
    const backslashes = '\\\\'.repeat(200_000);
    expect(parseExactJson(`"${backslashes}"`, LIMITS)).toHaveLength(200_000);
    expect(parseExactJson(`"${'\\"'.repeat(200_000)}"`, LIMITS)).toHaveLength(200_000);
    expect(parseExactJson('9'.repeat(400_000), LIMITS)).toMatchObject({ source: expect.any(String) });
  });
});
