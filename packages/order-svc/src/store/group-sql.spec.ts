import { drizzle } from '@txmsg/mysql/drizzle';
import { createConnection, format } from 'mysql2';
import { afterAll, describe, expect, it } from 'vitest';
import { type GroupRow, logRowsSql, markerSql, orderRowsSql } from './group-sql.js';
import { orders, txGroup, txLog } from './schema.js';

// drizzle builds statements without a server; the connection never gets one.
const connection = createConnection({ host: '127.0.0.1', port: 9 });
connection.on('error', () => {});
const db = drizzle(connection);
afterAll(() => connection.destroy());

const group: GroupRow = {
  transactionId: '019f\'\\-"x`',
  createTime: new Date('2026-02-03T04:05:06.007Z'),
  nextRelayTime: new Date('2026-12-31T23:59:59.999Z'),
  relayCount: 1,
  orders: [
    { txNo: 'plain', orderNo: 'no-1', productId: 1n, payCount: 2 },
    {
      txNo: "o'brien \\ ? \0 \n ä",
      orderNo: "'; drop table orders; --",
      productId: 2n ** 63n - 1n,
      payCount: -1,
    },
  ],
};

/** The text that mysql2 sends for a statement of drizzle. */
function sentText(statement: { toSQL(): { sql: string; params: unknown[] } }): string {
  const { sql, params } = statement.toSQL();
  return format(sql, params as Parameters<typeof format>[1], false, 'Z');
}

describe('the statements of a group are those that drizzle makes', () => {
  const { transactionId, createTime, nextRelayTime, relayCount } = group;
  it('marker', () => {
    const made = db.insert(txGroup).values({ transactionId, state: 'LIVE', createTime });
    expect(markerSql(group)).toBe(sentText(made));
  });
  it('outbox rows', () => {
    const shared = { createTime, transactionId, state: 'PENDING' as const, nextRelayTime, relayCount };
    const made = db.insert(txLog).values(group.orders.map(({ txNo }) => ({ txNo, ...shared })));
    expect(logRowsSql(group)).toBe(sentText(made));
  });
  it('orders', () => {
    const shared = { createTime, status: 'PENDING' as const, statusReason: '', updateTime: createTime };
    const made = db.insert(orders).values(group.orders.map((order) => ({ ...order, ...shared })));
    expect(orderRowsSql(group)).toBe(sentText(made));
  });
});
