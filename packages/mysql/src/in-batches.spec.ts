import { expect, it } from 'vitest';
import { inBatches } from './in-batches.js';

/** A purge that forgets these numbers of rows in turn. */
function purgeOf(...counts: number[]) {
  let calls = 0;
  return {
    get calls() {
      return calls;
    },
    async purge() {
      calls += 1;
      return counts[calls - 1] ?? 0;
    },
  };
}

it('goes on until a batch is not full', async () => {
  const rows = purgeOf(10, 10, 3, 10);
  expect(await inBatches(10, rows.purge, new AbortController().signal)).toBe(23);
  expect(rows.calls).toBe(3);
});

it('ends when it may not go on, and counts what it has forgotten', async () => {
  const rows = purgeOf(10, 10, 10);
  expect(await inBatches(10, rows.purge, new AbortController().signal, async () => rows.calls < 2)).toBe(20);
  expect(rows.calls).toBe(2);
});

it('ends with the signal', async () => {
  const stopping = new AbortController();
  const purge = async () => {
    stopping.abort();
    return 10;
  };
  expect(await inBatches(10, purge, stopping.signal)).toBe(10);
  expect(await inBatches(10, purge, stopping.signal)).toBe(0);
});
