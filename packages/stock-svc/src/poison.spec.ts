import { readFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import { txMessage } from '@txmsg/inbox/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestStack, type TestStack, until } from './test-support/test-stack.js';

const HEAP_MIB = 384;
const RESIDENT_MIB = 600;
const LOG_LINE_BYTES = 10 * 1024;
/** A neighbour takes far less, but the machine may be busy; a service that has died never answers. */
const NEIGHBOUR_MS = 10_000;

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
    TXMSG_STOCK_INVISIBLE_TIME: '30s',
  });
  await stack.api.addStock({ productId: 1n, count: 100_000n, requestId: 'seed' });
});
afterAll(() => stack.stop());

/** The most that the process ever had in memory, in MiB. */
function peakResidentMiB(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function letters() {
  return (await stack.admin.listDeadLetters({ pageSize: 500 })).deadLetters;
}

let neighbours = 0;

/** Takes an order through. */
async function settleNeighbour(): Promise<void> {
  neighbours += 1;
  const txNo = `neighbour-${neighbours}`;
  await stack.send({ txMessage: txMessage(txNo, 1, 1) });
  await until(`${txNo} is settled`, () => stack.results.has(txNo), NEIGHBOUR_MS);
}

/** A gibibyte of zeros in a mebibyte: gzip allows several members in a row. */
function gzipBomb(): Buffer {
  const member = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  return Buffer.concat(Array.from({ length: 16 }, () => member));
}

/** As many bad entries as may be, each with a large part that is no transaction's. */
function largeEntries(): string {
  const entry = JSON.stringify({ productId: 'x'.repeat(200), txNo: { a: 'y'.repeat(100) } });
  return `{"txMessages":[${Array(9_000).fill(entry).join()}]}`;
}

it.each<[string, string, () => string | Buffer]>([
  [
    '1.7 million numbers for entries',
    'TOO_MANY_ENTRIES',
    () => `{"txMessages":[${'1,'.repeat(1_699_999)}1]}`,
  ],
  ['a million empty entries', 'TOO_MANY_ENTRIES', () => `{"txMessages":[${'{},'.repeat(1_100_000)}{}]}`],
  ['9,000 bad entries of 3 MB', 'INVALID_FIELD', largeEntries],
  ['3.4 million lists in each other', 'TOO_MANY_ENTRIES', () => '['.repeat(3_400_000)],
  [
    'a number of 3.4 million digits',
    'INVALID_FIELD',
    () => `{"txMessage":{"productId":${'9'.repeat(3_400_000)}}}`,
  ],
  ['a gibibyte in a mebibyte of gzip', 'BODY_TOO_LARGE', gzipBomb],
  [
    '4 MiB of empty entries in zlib',
    'TOO_MANY_ENTRIES',
    () => deflateSync(`{"txMessages":[${'{},'.repeat(1_390_000)}{}]}`),
  ],
  ['an LZ4 frame', 'BODY_FORMAT_UNSUPPORTED', () => Buffer.from('04224d186440a7000000000005d05d72', 'hex')],
])('%s: one dead letter %s, acked at once, and nobody else notices', async (_, reason, body) => {
  const { pid } = stack.service;
  const before = new Set((await letters()).map(({ deadLetterId }) => deadLetterId));
  await stack.send(body());
  for (let count = 1; count <= 5; count += 1) await settleNeighbour();
  await until(
    'it is a dead letter',
    async () => (await letters()).some(({ deadLetterId }) => !before.has(deadLetterId)),
    10_000,
  );
  await settleNeighbour();
  const added = (await letters()).filter(({ deadLetterId }) => !before.has(deadLetterId));
  expect(added.map((letter) => [letter.reason, letter.attempts])).toEqual([[reason, 1]]);
  expect(stack.service.pid).toBe(pid);
  expect(peakResidentMiB(pid)).toBeLessThan(RESIDENT_MIB);
  const lines = stack.service.log().split('\n');
  expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThan(LOG_LINE_BYTES);
});

it('bodies that are compressed as the Java client does it are applied', async () => {
  const body = { txMessages: [txMessage('zlib-1', 1, 1), txMessage('zlib-2', 1, 1)] };
  await stack.send(deflateSync(JSON.stringify(body)));
  await until(
    'they are settled',
    () => stack.results.has('zlib-1') && stack.results.has('zlib-2'),
    NEIGHBOUR_MS,
  );
  expect(stack.results.get('zlib-1')).toEqual(['APPLIED']);
});

it('many of them at once cost memory within bounds', async () => {
  const { pid } = stack.service;
  const before = (await letters()).length;
  const poison = Array.from(
    { length: 12 },
    (_, index) => `{"txMessages":[${index}${',{}'.repeat(1_100_000)}]}`,
  );
  await Promise.all(poison.map((body) => stack.send(body)));
  const areDeadLetters = async () => (await letters()).length === before + poison.length;
  await until('all are dead letters', areDeadLetters, 150_000);
  expect(stack.service.pid).toBe(pid);
  expect(peakResidentMiB(pid)).toBeLessThan(RESIDENT_MIB);
}, 180_000);
