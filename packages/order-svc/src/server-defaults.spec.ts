import { fileURLToPath } from 'node:url';
import { createDatabase, createServerCheck, type Database, migrateDatabase } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import {
  freePort,
  serverDefaults,
  servesGrpc,
  startTestDatabase,
  startTestService,
  type TestDatabase,
} from '@txmsg/stack/testing';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOrdersByTxNo } from './store/find-orders.js';
import { orders, outbox as tables } from './store/schema.js';
import { createTestOutbox } from './test-support/test-outbox.js';

const FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url));
const REASON = "缺货 🚚 '\\";

describe.each(serverDefaults)('a server with %s', (_, { args, characterSet }) => {
  let server: TestDatabase;
  let url: string;
  const pools: Database[] = [];
  const connect = () => {
    const pool = createDatabase({ url });
    pools.push(pool);
    return pool;
  };

  beforeAll(async () => {
    server = await startTestDatabase({ args });
    url = await server.createDatabase('Tx-Msg-Orders', characterSet);
    await migrateDatabase(url, FOLDER);
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    await server?.stop();
  });

  it('is fit, and an order goes its way: written, claimed, settled, with its times', async () => {
    const database = connect();
    await createServerCheck(database, [orders, tables.log, tables.marker], () => {}).run();
    const { path } = await createTestOutbox(database);
    const order = { txNo: uuidv7(), orderNo: uuidv7(), productId: 1n, payCount: 2 };
    const accepted = await path.submit(order);
    expect(accepted).toMatchObject({ ...order, status: 'PENDING' });
    const nowMs = Date.now();
    expect(Math.abs(accepted.createTime.getTime() - nowMs)).toBeLessThan(60_000);
    const later = await createTestOutbox(database, { nowMs: () => nowMs + 60_000, sync: async () => {} });
    const { participant } = later.outbox;
    const { groups } = await participant.claim(100);
    expect(groups.flatMap(({ txNos }) => txNos)).toEqual([order.txNo]);
    const settled = await participant.settle(
      [{ txNo: order.txNo, outcome: 'REJECTED', reason: REASON }],
      undefined,
    );
    expect(settled).toEqual({ settled: 1, alreadySettled: 0, unknown: 0, unsettled: [] });
    // Another pool sees what has been committed.
    const [stored] = await connect().run((db) => findOrdersByTxNo(db, [order.txNo]));
    expect(stored).toMatchObject({ ...order, status: 'REJECTED', statusReason: REASON });
    expect(stored?.createTime).toEqual(accepted.createTime);
  });

  it('keeps a fence that was told', async () => {
    const id = uuidv7();
    const check = async (createTimeMs: number) =>
      (await createTestOutbox(connect())).outbox.participant.check(id, createTimeMs);
    expect(await check(Date.now() - 60_000)).toBe('ROLLBACK');
    expect(await check(Date.now())).toBe('ROLLBACK');
  });
});

describe('order-svc on a server that is not fit', () => {
  let server: TestDatabase;
  beforeAll(async () => {
    server = await startTestDatabase({ args: ['--log-bin', '--server-id=1'] });
  });
  afterAll(() => server?.stop());

  const start = async (url: string, grpcPort: number, waitReady = false) =>
    startTestService({
      name: 'order-svc',
      entry: fileURLToPath(new URL('../dist/main.js', import.meta.url)),
      env: {
        TXMSG_ORDER_DB_URL: url,
        TXMSG_ORDER_GRPC_PORT: String(grpcPort),
        TXMSG_ORDER_INTERNAL_PORT: String(await freePort()),
        TXMSG_RELAY_ADDRESSES: '127.0.0.1:1',
      },
      healthPorts: [grpcPort],
      waitReady,
    });
  /** Executes statements as the account of all these tests. */
  const execute = async (url: string, ...statements: string[]) => {
    const database = createDatabase({ url });
    for (const statement of statements) await database.run((db) => db.execute(sql.raw(statement)));
    await database.close();
  };

  it.each([
    ['that was not migrated', [], 'orders is missing: run the migrations'],
    [
      'whose tables have no transactions',
      ['ALTER TABLE tx_group ENGINE=Aria'],
      'ALTER TABLE `tx_group` ENGINE=InnoDB',
    ],
    [
      'whose keys ignore case',
      [
        'ALTER TABLE orders MODIFY tx_no varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL',
      ],
      'ALTER TABLE `orders` MODIFY `tx_no` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL',
    ],
  ])('ends at its start with one line in a database %s', async (name, statements, line) => {
    const url = await server.createDatabase(`Unfit-${name.replaceAll(' ', '-')}`);
    if (statements.length > 0) await migrateDatabase(url, FOLDER);
    await execute(url, ...statements);
    await expectRefusal(url, line);
  });

  it('ends at its start with one line where statements are logged as such', async () => {
    const url = await server.createDatabase('Statement-Log');
    await migrateDatabase(url, FOLDER);
    await execute(
      url,
      "CREATE USER 'plain'@'%' IDENTIFIED BY 'plain'",
      "GRANT ALL ON `Statement-Log`.* TO 'plain'@'%'",
      "SET GLOBAL binlog_format = 'STATEMENT'",
    );
    const plain = new URL(url);
    plain.username = 'plain';
    plain.password = 'plain';
    await expectRefusal(plain.href, "SET GLOBAL binlog_format = 'ROW'");
  });

  it('stops serving with one line when the server becomes unfit, and serves again when it is mended', async () => {
    const url = await server.createDatabase('Turned-Unfit');
    await migrateDatabase(url, FOLDER);
    const grpcPort = await freePort();
    const service = await start(url, grpcPort, true);
    try {
      await execute(url, 'SET GLOBAL innodb_flush_log_at_trx_commit = 0');
      await expect.poll(() => servesGrpc(grpcPort), { timeout: 20_000 }).toBe(false);
      await execute(url, 'SET GLOBAL innodb_flush_log_at_trx_commit = 1');
      await expect.poll(() => servesGrpc(grpcPort), { timeout: 20_000 }).toBe(true);
      // A busy machine may make a ping late, which is another line.
      const lines = service.log().split('\n');
      expect(lines.filter((line) => line.includes('innodb_flush_log_at_trx_commit is 0'))).toHaveLength(1);
    } finally {
      await execute(url, 'SET GLOBAL innodb_flush_log_at_trx_commit = 1');
      await service.remove();
    }
  });

  async function expectRefusal(url: string, line: string): Promise<void> {
    const service = await start(url, await freePort());
    try {
      await service.exited();
      const lines = service
        .log()
        .split('\n')
        .filter((text) => text.startsWith('{'))
        .map((text) => JSON.parse(text) as { level: string; msg: string; err?: { message?: string } });
      const errors = lines.filter(({ level }) => level === 'error' || level === 'fatal');
      expect(errors).toEqual([expect.objectContaining({ msg: 'start failed' })]);
      expect(errors[0]?.err?.message).toContain(line);
      expect(lines.some(({ msg }) => msg === 'order-svc is up')).toBe(false);
    } finally {
      await service.remove();
    }
  }
});
