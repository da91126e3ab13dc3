import { type System, startSystem } from '@txmsg/testbed';
import type { RowDataPacket } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settled, taken } from './test-support/flow.js';
import { relayCounts } from './test-support/relay-status.js';
import { sharedServers } from './test-support/shared-servers.js';

/** Orders per message. The stock side applies one message in one local transaction. */
const GROUP = 20;
/** The minimum time of a local transaction of the stock side, so it applies at most 200 orders/s. */
const PAUSE_MS = 100;
const OFFERED_PER_SECOND = (1.5 * GROUP * 1_000) / PAUSE_MS;
const OFFER_MS = 10_000;
const FIRST_DELAY_MS = 2_000;

let system: System;

beforeAll(async () => {
  system = await startSystem({
    ...sharedServers(),
    env: {
      TXMSG_FAILPOINTS: `stock.before-commit=pause:${PAUSE_MS}`,
      TXMSG_STOCK_RECEIVE_LOOPS: '1',
      // An outcome, and with it the lag, is known soon after the message was received.
      TXMSG_STOCK_RECEIVE_MESSAGES: '4',
      TXMSG_STOCK_MAX_TRANSACTIONS: String(GROUP),
      TXMSG_ORDER_MAX_GROUP_SIZE: String(GROUP),
      TXMSG_ORDER_FIRST_RELAY_DELAY: `${FIRST_DELAY_MS}ms`,
      TXMSG_ORDER_MAX_RELAY_DELAY: '1m',
    },
  });
  await system.addStock(1n, 1_000_000n);
});
afterAll(() => system?.stop());

/** Offers orders at an even rate for a time and returns their txNos. */
async function offer(): Promise<string[]> {
  const stream = system.orderClient().submitOrders({ timeoutMs: 4 * OFFER_MS });
  const txNos: string[] = [];
  const answers = (async () => {
    let orders = 0;
    for await (const { result } of stream) if (result.case === 'order') orders += 1;
    return orders;
  })();
  const startedAt = performance.now();
  for (let elapsed = 0; elapsed < OFFER_MS; elapsed = performance.now() - startedAt) {
    while (txNos.length < (OFFERED_PER_SECOND * elapsed) / 1_000) {
      const txNo = uuidv7();
      stream.write({ txNo, productId: 1n, payCount: 1 });
      txNos.push(txNo);
    }
    await new Promise((resolve) => setTimeout(resolve, (GROUP * 1_000) / OFFERED_PER_SECOND));
  }
  stream.end();
  expect(await answers).toBe(txNos.length);
  return txNos;
}

async function longestWaitMs(): Promise<number> {
  const [[row]] = await system.orderDb.query<(RowDataPacket & { ms: number })[]>(
    'SELECT MAX(TIMESTAMPDIFF(MICROSECOND, create_time, update_time)) / 1000 AS ms FROM orders',
  );
  return Number(row?.ms);
}

it('is offered half as much again as the stock side can do: next to nothing is published again, and it drains', async () => {
  const txNos = await offer();
  expect(await settled(system, txNos)).toEqual({ CONFIRMED: txNos.length, REJECTED: 0 });
  expect(await taken(system, 1n)).toMatchObject({ taken: txNos.length, logged: txNos.length });
  // The backlog was long enough that, without the rule, each order would have been published again more than once.
  expect(await longestWaitMs()).toBeGreaterThan(3 * FIRST_DELAY_MS);
  // Allows for probes, and for orders that a busy machine could not send at once. Without the rule it is more than two
  // per order.
  expect(await relayCounts(system, 'outbox_transactions')).toBeLessThan(txNos.length / 3);
});
