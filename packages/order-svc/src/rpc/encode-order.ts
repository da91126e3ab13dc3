import type { MessageInitShape } from '@bufbuild/protobuf';
import { type OrderSchema, OrderStatus, type SubmitOrderResponseSchema } from '@txmsg/contracts/order';
import { encodeTimestamp } from '@txmsg/grpc';
import type { Order } from '../domain/order.js';

const STATUSES = {
  PENDING: OrderStatus.PENDING,
  CONFIRMED: OrderStatus.CONFIRMED,
  REJECTED: OrderStatus.REJECTED,
};

/** An order as the API shows it. */
export function encodeOrder(order: Order): MessageInitShape<typeof OrderSchema> {
  const { orderNo, txNo, productId, payCount, statusReason } = order;
  return {
    orderNo,
    txNo,
    productId,
    payCount,
    status: STATUSES[order.status],
    statusReason,
    createTime: encodeTimestamp(order.createTime),
    updateTime: encodeTimestamp(order.updateTime),
  };
}

/** An order as SubmitOrder answers it. */
export function encodeSubmitted({
  orderNo,
  txNo,
  status,
  statusReason,
  createTime,
}: Order): MessageInitShape<typeof SubmitOrderResponseSchema> {
  return { orderNo, txNo, status: STATUSES[status], statusReason, createTime: encodeTimestamp(createTime) };
}

/** The status that a filter names; undefined for any. */
export function decodeStatus(status: OrderStatus): Order['status'] | undefined {
  switch (status) {
    case OrderStatus.PENDING:
      return 'PENDING';
    case OrderStatus.CONFIRMED:
      return 'CONFIRMED';
    case OrderStatus.REJECTED:
      return 'REJECTED';
    default:
      return undefined;
  }
}
