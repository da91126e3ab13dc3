import { type MessageType, type TakeStock, takeStockCodec } from '@txmsg/contracts/messages';
import { createDatabaseClock, type Database } from '@txmsg/mysql';
import { pino } from 'pino';
import { createOutbox, type Outbox, type OutboxOptions } from '../outbox.js';
import { createRecordingRelay, type RecordingRelay } from './replica.js';
import { orderGroup, settleOrders, tables, takesStock } from './shop.js';

const named = (type: string): MessageType<TakeStock> => ({
  ...takesStock,
  type,
  topic: `topic_${type.toLowerCase()}`,
  codec: takeStockCodec,
});

/** Two types beside the orders, whose messages look like theirs. */
export const shipOrder = named('ShipOrder');
export const billOrder = named('BillOrder');

/** An outbox whose relay records what it is asked. */
export interface ShopOutbox {
  readonly outbox: Outbox;
  readonly relay: RecordingRelay;
  readonly outages: unknown[];
  /** The group path of orders. */
  readonly orders: ReturnType<typeof orderPath>;
}

/** Makes the outbox of a shop that sells in groups, and ships and bills one by one. */
export async function createShopOutbox(
  database: Database,
  options: Partial<OutboxOptions> = {},
): Promise<ShopOutbox> {
  const relay = createRecordingRelay();
  const clock = createDatabaseClock(database);
  const outages: unknown[] = [];
  await clock.sync();
  const outbox = createOutbox({
    database,
    clock,
    relay,
    monitor: {
      available: true,
      check: async () => true,
      reportOutage: (error) => outages.push(error),
    },
    logger: pino({ level: 'silent' }),
    tables,
    messages: [takesStock, shipOrder, billOrder],
    firstMs: 10_000,
    maxMs: 3_600_000,
    fenceMs: 30_000,
    retentionMs: 86_400_000,
    retentionEveryMs: 60_000,
    maxGroupSize: 100,
    words: { database: 'shop', items: 'orders', otherContent: 'another content' },
    callbackDeadlineMs: 1_000,
    watchPollMs: 20,
    ...options,
  });
  outbox.onSettledSql(takesStock, settleOrders);
  const orders = orderPath(outbox);
  return { outbox, relay, outages, orders };
}

function orderPath(outbox: Outbox) {
  const limits = { maxGroupSize: 100, maxGroupsInFlight: 1, maxQueued: 100 };
  return outbox.group(orderGroup, { ...limits, answerWithinMs: 5_000, watchPollMs: 20 });
}
