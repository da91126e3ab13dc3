import { drizzle } from '@txmsg/mysql/drizzle';
import { createConnection, format } from 'mysql2';
import { afterAll, expect, it } from 'vitest';
import { insertOrdersSql } from './insert-orders.js';
import { orders } from './schema.js';

// drizzle builds statements without a server; the connection never gets one.
const connection = createConnection({ host: '127.0.0.1', port: 9 });
connection.on('error', () => {});
const db = drizzle(connection);
afterAll(() => connection.destroy());

const createTime = new Date('2026-02-03T04:05:06.007Z');
const newOrders = [
  { txNo: 'plain', orderNo: 'no-1', productId: 1n, payCount: 2 },
  {
    txNo: "o'brien \\ ? \0 \n ä",
    orderNo: "'; drop table orders; --",
    productId: 2n ** 63n - 1n,
    payCount: -1,
  },
];

it('the statement that inserts orders is the one that drizzle makes', () => {
  const shared = { createTime, status: 'PENDING' as const, statusReason: '', updateTime: createTime };
  const made = db.insert(orders).values(newOrders.map((order) => ({ ...order, ...shared })));
  const { sql, params } = made.toSQL();
  const sent = format(sql, params as Parameters<typeof format>[1], false, 'Z');
  expect(insertOrdersSql(newOrders, createTime)).toBe(sent);
});
