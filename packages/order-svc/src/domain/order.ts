/** An order as its caller asks for it, with the numbers that the server has given it. */
export interface NewOrder {
  readonly txNo: string;
  readonly orderNo: string;
  readonly productId: bigint;
  readonly payCount: number;
}

/** Where an order stands; stored by these names. */
export type OrderStatus = 'PENDING' | 'CONFIRMED' | 'REJECTED';

/** An order as the database holds it. */
export interface Order extends NewOrder {
  readonly status: OrderStatus;
  /** Why it was rejected, as an upper-case code; empty otherwise. */
  readonly statusReason: string;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** Whether two orders under one tx_no ask for the same: then the later one is a retry of the earlier. */
export function sameContent(
  a: Pick<NewOrder, 'productId' | 'payCount'>,
  b: Pick<NewOrder, 'productId' | 'payCount'>,
): boolean {
  return a.productId === b.productId && a.payCount === b.payCount;
}

/** Where an order stands when the consumer has decided. */
export function statusOf(outcome: 'APPLIED' | 'REJECTED'): OrderStatus {
  return outcome === 'APPLIED' ? 'CONFIRMED' : 'REJECTED';
}

/** An order that has just been accepted. */
export function acceptedOrder({ txNo, orderNo, productId, payCount }: NewOrder, createTime: Date): Order {
  return {
    txNo,
    orderNo,
    productId,
    payCount,
    status: 'PENDING',
    statusReason: '',
    createTime,
    updateTime: createTime,
  };
}
