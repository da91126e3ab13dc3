import { type System, startSystem } from '@txmsg/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditOf } from './test-support/audit.js';
import { settled, submit } from './test-support/flow.js';
import { sharedServers } from './test-support/shared-servers.js';

let system: System;
let txNos: string[];

beforeAll(async () => {
  system = await startSystem({ ...sharedServers() });
  await system.addStock(1n, 1_000n);
  await system.addStock(2n, 10n);
});
afterAll(() => system?.stop());

describe('the audit', () => {
  it('finds nothing where all is right', async () => {
    txNos = await Promise.all(
      Array.from({ length: 60 }, (_, i) => submit(system, { productId: i < 40 ? 1n : 2n })),
    );
    await settled(system, txNos);
    const { differences, summary } = await auditOf(system);
    expect(differences).toEqual([]);
    expect(summary).toMatchObject({ transactions: 60n, pending: 0n, accounts: 2n, differences: 0n });
  });

  it('finds nothing on a live system', async () => {
    const load = new AbortController();
    const caller = async () => {
      while (!load.signal.aborted) txNos.push(await submit(system));
    };
    const callers = [caller(), caller()];
    for (let round = 0; round < 5; round += 1) expect((await auditOf(system)).differences).toEqual([]);
    load.abort();
    await Promise.all(callers);
    await settled(system, txNos);
  });

  it('names each kind of difference', async () => {
    const [lost = '', other = '', wrong = ''] = txNos;
    await system.stockDb.query('DELETE FROM tx_log WHERE tx_no = ?', [lost]);
    await system.stockDb.query('UPDATE tx_log SET pay_count = 2 WHERE tx_no = ?', [other]);
    await system.orderDb.query("UPDATE orders SET status = 'REJECTED' WHERE tx_no = ?", [wrong]);
    await system.stockDb.query(
      "INSERT INTO tx_log (tx_no, create_time, product_id, pay_count, outcome, reason) VALUES ('nobody', NOW(3), 1, 1, 'APPLIED', '')",
    );
    const { differences } = await auditOf(system);
    expect(differences).toEqual(
      [
        `MISSING_AT_CONSUMER ${lost}`,
        `CONTENT ${other}`,
        `OUTCOME ${wrong}`,
        'MISSING_AT_PARTICIPANT nobody',
        'FAULT product/1',
        'TOTAL product/1',
      ].sort(),
    );
  });
});
