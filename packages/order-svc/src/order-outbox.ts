import { takeStock } from '@txmsg/contracts/messages';
import {
  createOutbox,
  type GroupPath,
  type Outbox,
  type OutboxConfig,
  type OutboxOptions,
  outboxLimits,
} from '@txmsg/outbox';
import type { NewOrder, Order } from './domain/order.js';
import { createOrderBooks } from './store/books.js';
import { createOrderGroup } from './store/order-group.js';
import { outbox as tables } from './store/schema.js';
import { settleOrders } from './store/settle-orders.js';

const WATCH_POLL_MS = 500;
/** Callers often have a deadline of 5 s, and are better told UNAVAILABLE than nothing. */
const ANSWER_WITHIN_MS = 3_500;
const WORDS = { database: 'order', items: 'orders', otherContent: 'another product_id or pay_count' };

/** The settings of the outbox. */
export type OrderOutboxSettings = Omit<
  OutboxConfig,
  'relayAddresses' | 'relayTimeoutMs' | 'relayMaxInFlight' | 'participant'
>;

/** The outbox of the order service, and its path for orders. */
export interface OrderOutbox {
  readonly outbox: Outbox;
  readonly path: GroupPath<NewOrder, Order>;
}

/** Makes the outbox: an order is a message that takes stock, and its outcome confirms or rejects it. */
export function createOrderOutbox(
  settings: OrderOutboxSettings,
  parts: Pick<OutboxOptions, 'database' | 'clock' | 'monitor' | 'relay' | 'logger'>,
): OrderOutbox {
  const { maxGroupSize, maxGroupsInFlight, maxQueued } = settings;
  const type = takeStock(settings.topic);
  const outbox = createOutbox({
    ...parts,
    tables,
    messages: [type],
    ...outboxLimits(settings),
    words: WORDS,
    books: createOrderBooks(type),
    failpoints: 'order',
  });
  outbox.onSettledSql(type, settleOrders);
  const path = outbox.group(createOrderGroup(type), {
    maxGroupSize,
    maxGroupsInFlight,
    maxQueued,
    answerWithinMs: ANSWER_WITHIN_MS,
    watchPollMs: WATCH_POLL_MS,
  });
  return { outbox, path };
}
