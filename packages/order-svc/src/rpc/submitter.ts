import { uuidV7 } from '@txmsg/core';
import type { GroupPath } from '@txmsg/outbox';
import type { NewOrder, Order } from '../domain/order.js';

/** An order as a caller asks for it; a blank tx_no is replaced by a new one. */
export interface OrderRequest {
  readonly txNo: string;
  readonly productId: bigint;
  readonly payCount: number;
}

/** Accepts orders. */
export interface Submitter {
  /** The order once it is durable. Fails as `GroupPath.submit` does. */
  submit(request: OrderRequest): Promise<Order>;
  /** The order once it is settled, or as it was accepted when the signal is aborted first. */
  submitAndWait(request: OrderRequest, signal: AbortSignal): Promise<Order>;
  /** Resolves when an order would not be refused for a full queue, or when the signal is aborted. */
  hasRoom(signal: AbortSignal): Promise<void>;
}

/** Makes the submitter over the outbox's path of orders. */
export function createSubmitter(path: GroupPath<NewOrder, Order>): Submitter {
  const submit = ({ txNo, productId, payCount }: OrderRequest) =>
    path.submit({ txNo: txNo === '' ? uuidV7() : txNo, orderNo: uuidV7(), productId, payCount });
  return {
    submit,
    async submitAndWait(request, signal) {
      const order = await submit(request);
      if (order.status !== 'PENDING') return order;
      return (await path.settled(order.txNo, signal)) ?? order;
    },
    hasRoom: (signal) => path.hasRoom(signal),
  };
}
