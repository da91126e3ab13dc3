import { isDuplicateKey, type Queryable } from '@txmsg/mysql';
import type { NewOrder } from '../domain/order.js';
import { orders, txGroup, txLog } from './schema.js';

/** One attempt at a group of orders. */
export interface GroupRow {
  readonly transactionId: string;
  /** Database time; every row of the group carries it, and so does the message. */
  readonly createTime: Date;
  /** When the outbox publishes it again. */
  readonly nextRelayTime: Date;
  /** 1 when a half message was sent for it, 0 when none could be. */
  readonly relayCount: number;
  readonly orders: readonly NewOrder[];
}

/** The transaction_id has a row already: a check has fenced it. */
export class TransactionFencedError extends Error {
  constructor(transactionId: string, cause: unknown) {
    super(`transaction ${transactionId} is fenced`, { cause });
    this.name = 'TransactionFencedError';
  }
}

/**
 * Writes a group: its marker first, then its outbox rows, then its orders.
 *
 * @throws TransactionFencedError when the marker exists; the driver's error 1062 when a tx_no exists
 */
export async function insertGroup(tx: Queryable, group: GroupRow): Promise<void> {
  const { transactionId, createTime, nextRelayTime, relayCount } = group;
  try {
    await tx.insert(txGroup).values({ transactionId, state: 'LIVE', createTime });
  } catch (error) {
    throw isDuplicateKey(error) ? new TransactionFencedError(transactionId, error) : error;
  }
  await tx.insert(txLog).values(
    group.orders.map(({ txNo }) => ({
      txNo,
      createTime,
      transactionId,
      state: 'PENDING' as const,
      nextRelayTime,
      relayCount,
    })),
  );
  await tx.insert(orders).values(
    group.orders.map(({ txNo, orderNo, productId, payCount }) => ({
      createTime,
      orderNo,
      productId,
      payCount,
      txNo,
      status: 'PENDING' as const,
      statusReason: '',
      updateTime: createTime,
    })),
  );
}
