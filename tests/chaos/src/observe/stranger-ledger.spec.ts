import type { Pool } from 'mysql2/promise';
import { expect, it } from 'vitest';
import type { StrangerEvent } from '../history/history-event.js';
import { createStrangerLedger } from './stranger-ledger.js';

const event = (over: Partial<StrangerEvent>): StrangerEvent => ({
  type: 'stranger',
  atMs: 1,
  what: 'a test',
  bodyHash: 'hash',
  certain: true,
  must: [],
  may: [],
  letter: 'none',
  ...over,
});
const transaction = (txNo: string) => ({ txNo, productId: '1', payCount: 1 });

/** Answers both queries of the ledger. */
function database(applied: readonly string[], letters: readonly string[]): Pool {
  const rows = (list: readonly string[]) => [list.map((text) => ({ text }))];
  const query = async ({ sql }: { readonly sql: string }) => rows(sql.includes('tx_log') ? applied : letters);
  return { query } as unknown as Pool;
}

it('counts what is neither applied nor a dead letter', async () => {
  const ledger = createStrangerLedger();
  ledger.note(event({ must: [transaction('a')] }));
  ledger.note(event({ bodyHash: 'b', letter: 'always' }));
  ledger.note(event({ bodyHash: 'c', may: [transaction('c')], letter: 'unless-applied' }));
  ledger.note(event({ certain: false, letter: 'always' }));
  expect(await ledger.countOpen(database([], []))).toBe(3);
  expect(await ledger.countOpen(database(['a'], []))).toBe(2);
  expect(await ledger.countOpen(database(['c'], ['b']))).toBe(0);
});

it('waits for nothing that may have gone with the data of the broker', async () => {
  const ledger = createStrangerLedger();
  ledger.note(event({ letter: 'always' }));
  const fault = { type: 'fault', atMs: 2, id: 1, kind: 'delete-broker-data', target: 'broker' } as const;
  ledger.note({ ...fault, phase: 'begin' });
  ledger.note(event({ bodyHash: 'later', letter: 'always' }));
  expect(await ledger.countOpen(database([], []))).toBe(1);
});
