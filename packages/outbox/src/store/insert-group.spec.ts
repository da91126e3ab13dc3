import { drizzle, mysqlTable } from '@txmsg/mysql/drizzle';
import { createConnection, format } from 'mysql2';
import { afterAll, describe, expect, it } from 'vitest';
import { tables } from '../test-support/shop.js';
import { type GroupRows, logRowsSql, markerSql, payloadRowsSql } from './insert-group.js';
import { baseColumns } from './tables.js';

// drizzle builds statements without a server; the connection never gets one.
const connection = createConnection({ host: '127.0.0.1', port: 9 });
connection.on('error', () => {});
const db = drizzle(connection);
afterAll(() => connection.destroy());

const group: GroupRows = {
  transactionId: '019f\'\\-"x`',
  createTime: new Date('2026-02-03T04:05:06.007Z'),
  nextRelayTime: new Date('2026-12-31T23:59:59.999Z'),
  relayCount: 1,
  rows: [{ txNo: 'plain' }, { txNo: "o'brien \\ ? \0 \n ä" }],
};

/** The text that mysql2 sends for a statement of drizzle. */
function sentText(statement: { toSQL(): { sql: string; params: unknown[] } }): string {
  const { sql, params } = statement.toSQL();
  return format(sql, params as Parameters<typeof format>[1], false, 'Z');
}

describe('the statements of a group are those that drizzle makes', () => {
  const { transactionId, createTime, nextRelayTime, relayCount, rows } = group;
  const shared = { createTime, transactionId, state: 'PENDING' as const, nextRelayTime, relayCount };
  it('marker', () => {
    const made = db.insert(tables.marker).values({ transactionId, state: 'LIVE', createTime });
    expect(markerSql(tables, group)).toBe(sentText(made));
  });
  it('outbox rows, whose columns are those of the first schema', () => {
    const made = db
      .insert(mysqlTable('tx_log', baseColumns()))
      .values(rows.map((row) => ({ ...row, ...shared })));
    expect(logRowsSql(tables, group)).toBe(sentText(made));
  });
  it('outbox rows that hold their content', () => {
    const rows = [{ txNo: 'a', type: "T'", payload: Buffer.from("{'\\") }];
    const head = logRowsSql(tables, { ...group, rows });
    const named = head.replace('`relay_count`)', '`relay_count`, `type`, `payload`)');
    expect(payloadRowsSql(tables, { ...group, rows })).toBe(`${named.slice(0, -1)}, 'T\\'', x'7b275c')`);
  });
});
