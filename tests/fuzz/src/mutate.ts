import fc from 'fast-check';

/** A change of a sequence: at this part of its length (0 to 1) some elements are replaced by others. */
interface Mutation<E> {
  readonly at: number;
  readonly cut: number;
  readonly insert: readonly E[];
  /** How often the inserted elements are repeated. */
  readonly times: number;
}

const MAX_CHANGES = 6;
/** Bytes at which decoders err: ends of ranges, tags and lengths of protobuf, halves of UTF-8. */
const EDGE_BYTES = [
  0x00, 0x01, 0x08, 0x10, 0x1a, 0x20, 0x22, 0x7f, 0x80, 0xc3, 0xed, 0xf0, 0xfe, 0xff,
] as const;
/** Texts at which parsers of JSON and of settings err. */
const EDGE_TEXTS = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  ' ',
  '\n',
  '0',
  '-',
  '.0',
  'e1',
  '1e400',
  'null',
  'true',
  '""',
  '\\u0000',
  '\ufeff',
  '\u0000',
  '\u2028',
  'ä',
  '中',
  '😀',
  '\ud83d',
  '9007199254740993',
  '12345678901234567.0',
  '__proto__',
  '$ref',
  'Infinity',
  'NaN',
  '=',
  '|',
  '::',
  '[::1]',
  '%00',
] as const;

/** Text of any characters, halves of surrogate pairs too. The unit `binary` of fast-check takes two seconds to set up. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const character = fc
    .oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x10ffff }))
    .map((codePoint) => String.fromCodePoint(codePoint));
  return fc.array(character, { maxLength }).map((characters) => characters.join(''));
}

/** The given bytes, unchanged or changed in up to this many places: cut, inserted, repeated. */
export function mutatedBytes(
  whole: fc.Arbitrary<Uint8Array>,
  maxChanges = MAX_CHANGES,
): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof(fc.constantFrom(...EDGE_BYTES), fc.integer({ min: 0, max: 255 }));
  return fc
    .tuple(whole, mutations(byte, maxChanges))
    .map(([bytes, changes]) => Uint8Array.from(changes.reduce(mutate, Array.from(bytes))));
}

/** The given text, changed in the same way. */
export function mutatedText(whole: fc.Arbitrary<string>, maxChanges = MAX_CHANGES): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...EDGE_TEXTS), anyText(3));
  return fc
    .tuple(whole, mutations(piece, maxChanges))
    .map(([text, changes]) => changes.reduce(mutate, Array.from(text)).join(''));
}

function mutations<E>(element: fc.Arbitrary<E>, maxLength: number): fc.Arbitrary<Mutation<E>[]> {
  return fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.nat({ max: 100 })),
      insert: fc.array(element, { maxLength: 4 }),
      times: fc.oneof(
        { weight: 9, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.nat({ max: 200 }) },
      ),
    }),
    { maxLength },
  );
}

function mutate<E>(whole: readonly E[], { at, cut, insert, times }: Mutation<E>): E[] {
  const start = Math.floor(at * whole.length);
  const inserted = Array.from({ length: times }, () => insert).flat();
  return [...whole.slice(0, start), ...inserted, ...whole.slice(start + cut)];
}
