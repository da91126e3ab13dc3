import { type System, startSystem } from '@txmsg/testbed';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settled, submitMany } from './test-support/flow.js';
import { sharedServers } from './test-support/shared-servers.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({ ...sharedServers(), env: { TXMSG_RELAY_INVISIBLE_TIME: '10s' } });
  await system.addStock(1n, 1_000_000n);
});
afterAll(() => system?.stop());

/** The unsettled orders among these. */
async function pending(txNos: readonly string[]): Promise<string[]> {
  const [rows] = await system.orderDb.query<(RowDataPacket & { tx_no: string })[]>(
    "SELECT tx_no FROM orders WHERE tx_no IN (?) AND status = 'PENDING'",
    [txNos],
  );
  return rows.map((row) => row.tx_no);
}

describe('a session that keeps one row of the order database locked', () => {
  it.each(['tx_log', 'orders'])('(%s) delays that order, and no other', async (table) => {
    const [stock] = system.stocks;
    // The lock must be there before the outcomes.
    stock?.pause();
    const txNos = await submitMany(system, 100);
    const locked = txNos[50] ?? '';
    const stranger = await system.orderDb.getConnection();
    try {
      await stranger.query('START TRANSACTION');
      await stranger.query(`SELECT tx_no FROM ${table} WHERE tx_no = ? FOR UPDATE`, [locked]);
      stock?.resume();
      await expect.poll(() => pending(txNos), { timeout: 60_000 }).toEqual([locked]);
      // Also after the outcome of the locked order has come again.
      const later = await submitMany(system, 20);
      await expect.poll(() => pending(later), { timeout: 60_000 }).toEqual([]);
      await expect
        .poll(async () => (await system.relayAdminClient().getStatus({})).counters.results_unsettled, {
          timeout: 60_000,
        })
        .toBeGreaterThan(1n);
      const latest = await submitMany(system, 20);
      await expect.poll(() => pending(latest), { timeout: 60_000 }).toEqual([]);
      expect(await pending(txNos)).toEqual([locked]);
    } finally {
      await stranger.query('ROLLBACK');
      stranger.release();
    }
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 100, REJECTED: 0 });
  });
});
