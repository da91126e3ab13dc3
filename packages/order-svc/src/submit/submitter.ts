import { TxmsgError, uuidV7 } from '@txmsg/core';
import type { DatabaseMonitor } from '@txmsg/mysql';
import type { Order } from '../domain/order.js';
import type { GroupQueue } from './group-queue.js';
import type { OutcomeWatcher } from './outcome-watcher.js';
import { unavailable } from './refusals.js';

/** An order as a caller asks for it; a blank tx_no is replaced by a new one. */
export interface OrderRequest {
  readonly txNo: string;
  readonly productId: bigint;
  readonly payCount: number;
}

/** Accepts orders. */
export interface Submitter {
  /** The order once it is durable. Fails as `GroupQueue.submit` does, and at once while the database is away. */
  submit(request: OrderRequest): Promise<Order>;
  /** The order once it is settled, or as it was accepted when the signal is aborted first. */
  submitAndWait(request: OrderRequest, signal: AbortSignal): Promise<Order>;
  /** Resolves when an order would not be refused for a full queue, or when the signal is aborted. */
  hasRoom(signal: AbortSignal): Promise<void>;
  /** No order is accepted from now on. */
  stop(): void;
}

/** Makes the submitter over the group queue. */
export function createSubmitter(
  queue: GroupQueue,
  watcher: OutcomeWatcher,
  monitor: DatabaseMonitor,
): Submitter {
  let stopped = false;
  async function submit({ txNo, productId, payCount }: OrderRequest): Promise<Order> {
    const order = { txNo: txNo === '' ? uuidV7() : txNo, orderNo: uuidV7(), productId, payCount };
    if (stopped) throw new TxmsgError('UNAVAILABLE', 'this instance is stopping', { retryDelayMs: 100 });
    if (!monitor.available) throw unavailable(order.txNo);
    return queue.submit(order);
  }
  return {
    submit,
    async submitAndWait(request, signal) {
      const order = await submit(request);
      if (order.status !== 'PENDING') return order;
      return (await watcher.settled(order.txNo, signal)) ?? order;
    },
    hasRoom: (signal) => queue.hasRoom(signal),
    stop() {
      stopped = true;
    },
  };
}
