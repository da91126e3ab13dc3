import { TxmsgError } from '@txmsg/core';
import { expect, it } from 'vitest';
import { createLogger, MAX_LOG_LINE_BYTES } from './logger.js';

/** What `log` logs: the lines as written, and as parsed. */
function written(log: (logger: ReturnType<typeof createLogger>) => void) {
  const lines: string[] = [];
  log(createLogger('test', 'info', { write: (line) => void lines.push(line) }));
  return { lines, read: lines.map((line): Record<string, unknown> => JSON.parse(line)) };
}

/** An error as mysql2 makes it. */
function driverError(sql: string) {
  return Object.assign(new Error("Duplicate entry 'a' for key 'PRIMARY'"), {
    code: 'ER_DUP_ENTRY',
    errno: 1062,
    sqlState: '23000',
    sqlMessage: "Duplicate entry 'a' for key 'PRIMARY'",
    sql,
  });
}

/** An error as drizzle makes it. */
function queryError(query: string, params: unknown[], cause: Error) {
  return Object.assign(new Error(`Failed query: ${query}\nparams: ${params}`, { cause }), { query, params });
}

const SQL = `INSERT INTO orders VALUES ${'(?, ?, ?), '.repeat(20_000)}`;
const PARAMS = Array.from({ length: 6_000 }, (_, index) => `secret-${index}`);
const wide = Object.fromEntries(
  Array.from({ length: 5_000 }, (_, index) => [`field${index}`, 'ä'.repeat(5_000)]),
);
const deep = Array.from({ length: 10_000 }).reduce<object>((inner) => ({ inner, list: [inner, inner] }), {});
const circle: Record<string, unknown> = { name: 'circle' };
circle.self = circle;
const causes = Array.from({ length: 1_000 }).reduce<Error>(
  (cause) => new Error('x'.repeat(10_000), { cause }),
  driverError(SQL),
);
const controls = Object.fromEntries(
  Array.from({ length: 30 }, (_, index) => [`f${index}`, '\u0001"\\'.repeat(900)]),
);

it.each<[string, object]>([
  ['a batch that failed', { err: queryError(SQL, PARAMS, driverError(SQL)) }],
  [
    'the same as the cause of ours',
    { err: new TxmsgError('INTERNAL', 'no', { cause: queryError(SQL, PARAMS, driverError(SQL)) }) },
  ],
  ['an error under another name', { reason: driverError(SQL) }],
  ['many causes', { err: causes }],
  [
    'many errors in one',
    {
      err: new AggregateError(
        Array.from({ length: 5_000 }, () => driverError(SQL)),
        'all',
      ),
    },
  ],
  ['an error with a huge message', { err: new Error('x'.repeat(1_000_000)) }],
  ['an error with many fields', { err: Object.assign(new Error('wide'), wide) }],
  ['a long text', { body: '語'.repeat(1_000_000) }],
  ['a long list', { txNos: Array.from({ length: 100_000 }, () => 'x'.repeat(64)) }],
  ['many fields', wide],
  ['many characters that are escaped', controls],
  ['a deep object', { deep }],
  ['a circle', circle],
  ['bytes', { body: Buffer.alloc(1_000_000) }],
  ['collections', { map: new Map([['a', 1]]), set: new Set(PARAMS), big: 10n ** 5_000n }],
])('writes a line of 10 KB at most for %s', (_, fields) => {
  const { lines, read } = written((logger) => {
    logger.error(fields, 'it failed');
    logger.child(fields).error('it failed');
    logger.child({}, { msgPrefix: 'p' }).error({ nested: { more: fields } }, 'it failed');
  });
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LOG_LINE_BYTES);
  expect(read[0]).toMatchObject({ level: 'error', service: 'test', pid: process.pid, msg: 'it failed' });
});

it('cuts a long message, given as one or taken from an error', () => {
  const { lines } = written((logger) => {
    logger.error('\u0001'.repeat(100_000));
    logger.error('%s %o', '語'.repeat(100_000), wide);
    logger.error(queryError(SQL, PARAMS, driverError(SQL)));
  });
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LOG_LINE_BYTES);
});

it('writes a line of 10 KB at most when message, names and values are all escaped', () => {
  const control = '\u0001'.repeat(5_000);
  const named = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`${'\u0001'.repeat(98)}${index}`, control]),
  );
  const { lines, read } = written((logger) => {
    logger.info({ a: control, b: control, c: control, d: control, e: control, f: control }, control);
    logger.info(named, control);
    logger.child(named).info({ ...named, a: control }, control);
  });
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LOG_LINE_BYTES);
  for (const line of read) expect(line).toMatchObject({ level: 'info', service: 'test', cut: true });
});

it('leaves out the values of a short statement, whatever the error is a cause of', () => {
  const error = queryError('select x from t where tx_no = ?', ['secret-1'], new Error('lost'));
  const { lines } = written((logger) => {
    logger.error({ err: error }, 'it failed');
    logger.error({ err: new TxmsgError('INTERNAL', 'no', { cause: error }), again: error }, 'it failed');
    logger.error(error);
  });
  for (const line of lines) {
    expect(line).toContain('select x from t');
    expect(line).not.toContain('secret');
  }
});

it('says what failed: type, code, causes, frames, the beginning of the statement once and no value', () => {
  const error = new TxmsgError('INTERNAL', 'not written', {
    cause: queryError(SQL, PARAMS, driverError(SQL)),
  });
  const { lines, read } = written((logger) => logger.error({ err: error }, 'call failed'));
  expect(read[0]).toMatchObject({
    msg: 'call failed',
    err: {
      type: 'TxmsgError',
      code: 'INTERNAL',
      message: 'not written',
      cause: {
        message: expect.stringContaining('INSERT INTO orders'),
        cause: { code: 'ER_DUP_ENTRY', errno: 1062 },
      },
    },
  });
  expect(lines[0]?.match(/INSERT INTO/g)).toHaveLength(1);
  expect(lines[0]).not.toContain('secret');
  expect(lines[0]).toMatch(/logger\.spec\.ts/);
});

it('leaves short fields as they are', () => {
  const fields = { txNo: 'a', count: 2, ok: true, none: null, list: [1, 'b'], at: { port: 9090 } };
  const { read } = written((logger) => logger.info(fields, 'up'));
  expect(read[0]).toMatchObject({ ...fields, msg: 'up', level: 'info', service: 'test' });
});
