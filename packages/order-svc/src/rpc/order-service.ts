import type { OrderService } from '@txmsg/contracts';
import { TxmsgError } from '@txmsg/core';
import type { CallContext, RequestValidator, ServiceHandlers } from '@txmsg/grpc';
import { type Database, decodePageToken, encodePageToken } from '@txmsg/mysql';
import type { GroupPath, OutageGuard } from '@txmsg/outbox';
import type { NewOrder, Order } from '../domain/order.js';
import { findOrderByOrderNo, findOrdersByTxNo, listOrders } from '../store/find-orders.js';
import { decodeStatus, encodeOrder, encodeSubmitted } from './encode-order.js';
import { submitOrders } from './submit-orders.js';
import { createSubmitter } from './submitter.js';

/** What the public API stands on. */
export interface OrderServiceOptions {
  readonly database: Database;
  /** The outbox's path of orders. */
  readonly path: GroupPath<NewOrder, Order>;
  readonly validator: RequestValidator;
  readonly guard: OutageGuard;
}

const DEFAULT_PAGE_SIZE = 50;
/** A page of orders begins below an id of the database. */
export const isOrderId = (text: string): boolean => /^(0|[1-9]\d{0,17})$/.test(text);
/** The longest that a caller may wait for an outcome when it sets no deadline. */
const MAX_WAIT_MS = 30_000;
/** Answered before the caller's deadline by this, so that the answer arrives. */
const DEADLINE_MARGIN_MS = 250;

/** The public API over gRPC. */
export function createOrderService({
  database,
  path,
  validator,
  guard,
}: OrderServiceOptions): ServiceHandlers<typeof OrderService> {
  const submitter = createSubmitter(path);
  const read = guard.guard;
  return {
    async submitOrder(request, context) {
      if (!request.waitForOutcome) return encodeSubmitted(await submitter.submit(request));
      return encodeSubmitted(await submitter.submitAndWait(request, waitSignal(context)));
    },
    submitOrders: (stream, context) => submitOrders(stream, context, submitter, validator),
    async getOrder({ key }) {
      return { order: encodeOrder(await read(findOrder(database, key))) };
    },
    async listOrders({ pageSize, pageToken, status }) {
      const token = decodePageToken(pageToken, isOrderId);
      const before = token === undefined ? undefined : BigInt(token);
      const page = await read(
        database.run((db) => listOrders(db, pageSize || DEFAULT_PAGE_SIZE, before, decodeStatus(status))),
      );
      return {
        orders: page.orders.map(encodeOrder),
        nextPageToken: encodePageToken(page.nextBefore?.toString()),
      };
    },
    async *watchOrder({ key }, { signal }) {
      const order = await read(findOrder(database, key));
      yield { order: encodeOrder(order) };
      if (order.status !== 'PENDING') return;
      const settled = await path.settled(order.txNo, signal);
      if (settled) yield { order: encodeOrder(settled) };
      else if (!signal.aborted)
        throw new TxmsgError('UNAVAILABLE', 'this instance is stopping', { retryDelayMs: 100 });
    },
  };
}

type OrderKey = { case: 'orderNo' | 'txNo'; value: string } | { case: undefined; value?: undefined };

async function findOrder(database: Database, key: OrderKey): Promise<Order> {
  const order = await database.run(async (db) => {
    if (key.case === 'orderNo') return findOrderByOrderNo(db, key.value);
    const [found] = await findOrdersByTxNo(db, [key.value ?? '']);
    return found;
  });
  if (!order)
    throw new TxmsgError('NOT_FOUND', `no order has this ${key.case === 'orderNo' ? 'order_no' : 'tx_no'}`);
  return order;
}

function waitSignal({ signal, deadlineMs }: CallContext): AbortSignal {
  const untilDeadline = deadlineMs === undefined ? MAX_WAIT_MS : deadlineMs - Date.now() - DEADLINE_MARGIN_MS;
  return AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, Math.min(MAX_WAIT_MS, untilDeadline)))]);
}
