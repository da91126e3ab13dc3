import { type TakeStock, takeStock } from '@txmsg/contracts/messages';
import { uuidV7 } from '@txmsg/core';
import { asciiKey, type Queryable, textLiteral, textLiterals, timeLiteral, utcTime } from '@txmsg/mysql';
import { bigint, inArray, int, mysqlEnum, mysqlTable, varchar } from '@txmsg/mysql/drizzle';
import { MessageTypes } from '../domain/message-types.js';
import type { GroupDefinition } from '../publish/group-definition.js';
import { createRefusals } from '../publish/refusals.js';
import { SettlementHooks, type SqlHook } from '../settle/hooks.js';
import { type GroupRows, logRowsSql, markerSql } from '../store/insert-group.js';
import { createProbes } from '../store/probes.js';
import { outboxTables } from '../store/tables.js';

// A shop that takes orders: a service as small as one can be, for tests of the outbox.

export const tables = outboxTables({ outbox: 'tx_log', attempts: 'tx_group' });
export const txLog = tables.log;
export const txGroup = tables.marker;

export const orders = mysqlTable('orders', {
  id: bigint('id', { mode: 'bigint' }).autoincrement().primaryKey(),
  createTime: utcTime('create_time').notNull(),
  orderNo: asciiKey('order_no').notNull(),
  productId: bigint('product_id', { mode: 'bigint' }).notNull(),
  payCount: int('pay_count').notNull(),
  txNo: asciiKey('tx_no').notNull(),
  status: mysqlEnum('status', ['PENDING', 'CONFIRMED', 'REJECTED']).notNull(),
  statusReason: varchar('status_reason', { length: 255 }).notNull(),
  updateTime: utcTime('update_time').notNull(),
});

/** An order as its caller asks for it. */
export interface NewOrder extends TakeStock {
  readonly txNo: string;
  readonly orderNo: string;
}

/** An order as the database holds it. */
export interface Order extends NewOrder {
  readonly status: 'PENDING' | 'CONFIRMED' | 'REJECTED';
  readonly statusReason: string;
  readonly createTime: Date;
  readonly updateTime: Date;
}

export const takesStock = takeStock('topic_txmsg');

export const refusals = createRefusals({
  database: 'shop',
  items: 'orders',
  otherContent: 'another content',
});

export function findOrdersByTxNo(db: Queryable, txNos: readonly string[]): Promise<Order[]> {
  return db
    .select()
    .from(orders)
    .where(inArray(orders.txNo, [...txNos]));
}

export const orderGroup: GroupDefinition<NewOrder, Order, TakeStock> = {
  type: takesStock,
  insertSql: (rows, createTime) => {
    const time = timeLiteral(createTime);
    const values = rows.map(
      ({ orderNo, productId, payCount, txNo }) =>
        `(default, ${time}, ${textLiteral(orderNo)}, ${productId}, ${payCount}, ${textLiteral(txNo)}, 'PENDING', '', ${time})`,
    );
    return [
      `insert into orders (id, create_time, order_no, product_id, pay_count, tx_no, status, status_reason, update_time) values ${values.join(', ')}`,
    ];
  },
  find: findOrdersByTxNo,
  accepted: (order, createTime) => ({
    ...{ txNo: order.txNo, orderNo: order.orderNo, productId: order.productId, payCount: order.payCount },
    ...{ status: 'PENDING', statusReason: '', createTime, updateTime: createTime },
  }),
  isSettled: ({ status }) => status !== 'PENDING',
  sameContent: (a, b) => a.productId === b.productId && a.payCount === b.payCount,
  message: (order) => order,
  readMessages: async (db, txNos) =>
    (await findOrdersByTxNo(db, txNos)).map((order) => ({
      txNo: order.txNo,
      createTimeMs: order.createTime.getTime(),
      message: order,
    })),
  probe: {
    updateSql: 'UPDATE orders SET status = status WHERE id = 0',
    row: () => ({ txNo: uuidV7(), orderNo: uuidV7(), productId: 0n, payCount: 0 }),
    removeSql: ({ txNo }) => `DELETE FROM orders WHERE tx_no = ${textLiteral(txNo)}`,
  },
};

/** Confirms and rejects orders. */
export const settleOrders: SqlHook = {
  statements: (outcomes, now) => {
    const byChange = new Map<string, string[]>();
    for (const { txNo, outcome, reason } of outcomes) {
      const status = outcome === 'APPLIED' ? 'CONFIRMED' : 'REJECTED';
      const change = `status = '${status}', status_reason = ${textLiteral(reason)}`;
      byChange.set(change, [...(byChange.get(change) ?? []), txNo]);
    }
    return [...byChange].map(
      ([change, txNos]) =>
        `update orders force index (orders_tx_no) set ${change}, update_time = ${timeLiteral(now)} where tx_no in (${textLiterals(txNos)}) and status = 'PENDING'`,
    );
  },
  lockFree: (txNos) =>
    `select tx_no from orders force index (orders_tx_no) where tx_no in (${textLiterals(txNos)}) for update skip locked`,
};

/** The types and hooks of a shop that publishes orders alone. */
export function shopTypes(): { readonly types: MessageTypes; readonly hooks: SettlementHooks } {
  const types = new MessageTypes([takesStock]);
  types.setUntyped(takesStock);
  const hooks = new SettlementHooks();
  hooks.addSql(takesStock.type, settleOrders);
  return { types, hooks };
}

export const shopProbes = createProbes(tables, orderGroup);

/** The statements of a group of orders. */
export function groupSql({
  orders,
  ...group
}: Omit<GroupRows, 'rows'> & { orders: readonly NewOrder[] }): string[] {
  const rows = { ...group, rows: orders };
  return [
    markerSql(tables, rows),
    logRowsSql(tables, rows),
    ...orderGroup.insertSql(orders, group.createTime),
  ];
}
