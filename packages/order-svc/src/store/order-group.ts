import type { MessageType, TakeStock } from '@txmsg/contracts/messages';
import { uuidV7 } from '@txmsg/core';
import { type Queryable, textLiteral } from '@txmsg/mysql';
import { inArray } from '@txmsg/mysql/drizzle';
import { createProbes, type GroupDefinition } from '@txmsg/outbox';
import { acceptedOrder, type NewOrder, type Order, sameContent } from '../domain/order.js';
import { findOrdersByTxNo } from './find-orders.js';
import { insertOrdersSql } from './insert-orders.js';
import { orders, outbox } from './schema.js';

/** How orders are written in groups, and how they become messages that take stock. */
export function createOrderGroup(type: MessageType<TakeStock>): GroupDefinition<NewOrder, Order, TakeStock> {
  return {
    ...written,
    type,
    find: findOrdersByTxNo,
    accepted: acceptedOrder,
    isSettled: ({ status }) => status !== 'PENDING',
    sameContent,
    message: (order) => order,
    readMessages,
  };
}

const written = {
  insertSql: (rows: readonly NewOrder[], createTime: Date) => [insertOrdersSql(rows, createTime)],
  probe: {
    updateSql: 'UPDATE orders SET status = status WHERE id = 0',
    row: (): NewOrder => ({ txNo: uuidV7(), orderNo: uuidV7(), productId: 0n, payCount: 0 }),
    removeSql: ({ txNo }: NewOrder) => `DELETE FROM orders WHERE tx_no = ${textLiteral(txNo)}`,
  },
};

/** What pings try on the tables of this service. */
export const orderProbes = createProbes(outbox, written);

async function readMessages(db: Queryable, txNos: readonly string[]) {
  const rows = await db
    .select({
      txNo: orders.txNo,
      productId: orders.productId,
      payCount: orders.payCount,
      createTime: orders.createTime,
    })
    .from(orders)
    .where(inArray(orders.txNo, [...txNos]));
  return rows.map((order) => ({
    txNo: order.txNo,
    createTimeMs: order.createTime.getTime(),
    message: order,
  }));
}
