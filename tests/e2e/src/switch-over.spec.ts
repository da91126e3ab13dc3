import { status as Code } from '@grpc/grpc-js';
import { servesGrpc, type TestDatabase } from '@txmsg/stack/testing';
import { type DatabaseName, type System, startSystem, switchPrimary } from '@txmsg/testbed';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { only } from './test-support/crashes.js';
import { codeOf, settled, statusOf, submit, submitMany } from './test-support/flow.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    proxied: true,
    standbys: true,
    env: {
      TXMSG_ORDER_FIRST_RELAY_DELAY: '1s',
      TXMSG_ORDER_MAX_RELAY_DELAY: '5s',
      TXMSG_ORDER_FENCE_TIME: '5s',
    },
  });
  await system.addStock(1n, 1_000_000n);
});
afterAll(() => system?.stop());

/** The time from the switch of the address until everything works again. */
const GOES_ON_WITHIN_MS = 10_000;
const CALLERS = 16;

const primary = (name: DatabaseName) => serverIn(system.databases, name);
const standby = (name: DatabaseName) => serverIn(system.standbys, name);
function serverIn(servers: ReadonlyMap<DatabaseName, TestDatabase>, name: DatabaseName): TestDatabase {
  const found = servers.get(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

/** New connections of the services go there; open ones stay where they are. */
function leadTo(name: DatabaseName, { port }: TestDatabase): void {
  for (const [link, proxy] of system.network.links)
    if (link.endsWith(`→${name}`)) proxy.setTarget(`127.0.0.1:${port}`);
}

/** What grpc.health.v1 says on the public and the internal port. */
async function serving(services: System['orders']): Promise<boolean[]> {
  const { address, internalAddress } = only(services);
  return Promise.all([address, internalAddress].map((at) => servesGrpc(Number(at.split(':')[1]))));
}

async function query(server: TestDatabase, sql: string): Promise<void> {
  const connection = await createConnection(server.url('mysql'));
  await connection.query(sql);
  await connection.end();
}

/** Sessions of the services on a server. */
async function sessionsOn(server: TestDatabase): Promise<number> {
  const connection = await createConnection(server.url('mysql'));
  const [rows] = await connection.query(
    "SELECT id FROM information_schema.processlist WHERE user LIKE 'svc%'",
  );
  await connection.end();
  return (rows as unknown[]).length;
}

/** The errors that a service has logged since its log had this length. */
function errorsSince(service: System['orders'][number], length: number): string[] {
  const lines = service.log().slice(length).split('\n');
  return lines.filter((line) => line !== '' && (JSON.parse(line) as { level: string }).level === 'error');
}

/** Submits and settles an order after the switch, as soon as that is possible. */
async function expectGoesOn(switchedAt: number): Promise<void> {
  let txNo: string | undefined;
  const trySubmit = async () => {
    txNo = await submit(system).catch(() => undefined);
    return txNo;
  };
  await expect.poll(trySubmit, { timeout: GOES_ON_WITHIN_MS, interval: 100 }).toBeDefined();
  const remainingMs = GOES_ON_WITHIN_MS - (performance.now() - switchedAt);
  const status = () => statusOf(system, txNo ?? '').catch(() => 'unknown');
  await expect.poll(status, { timeout: remainingMs, interval: 100 }).toBe('CONFIRMED');
}

describe('a demoted primary', () => {
  it('of the orders: UNAVAILABLE, NOT_SERVING, one line of log; everything goes on when the address has switched', async () => {
    const before = await submitMany(system, 20);
    await settled(system, before);
    const order = only(system.orders);
    const seen = order.log().length;
    await query(primary('order-db'), 'SET GLOBAL read_only = 1');
    expect(await codeOf(submit(system))).toBe(Code.UNAVAILABLE);
    await expect.poll(() => serving(system.orders)).toEqual([false, false]);
    expect(errorsSince(order, seen)).toHaveLength(1);
    await switchPrimary(primary('order-db'), standby('order-db'));
    const switchedAt = performance.now();
    leadTo('order-db', standby('order-db'));
    await expectGoesOn(switchedAt);
    expect(await serving(system.orders)).toEqual([true, true]);
    await expect.poll(() => sessionsOn(primary('order-db'))).toBe(0);
    expect(errorsSince(order, seen)).toHaveLength(1);
    await switchPrimary(standby('order-db'), primary('order-db'));
    leadTo('order-db', primary('order-db'));
    await expectGoesOn(performance.now());
    expect(await settled(system, before)).toMatchObject({ CONFIRMED: 20 });
  });

  it('of the stock: NOT_SERVING, orders wait and nothing dead-letters; everything goes on', async () => {
    const stock = only(system.stocks);
    const seen = stock.log().length;
    await query(primary('stock-db'), 'SET GLOBAL read_only = 1');
    const waiting = await submitMany(system, 20);
    await expect.poll(() => serving(system.stocks)).toEqual([false, false]);
    const add = () => system.stockClient().addStock({ productId: 1n, count: 1n, requestId: 'while-demoted' });
    expect(await codeOf(add())).toBe(Code.UNAVAILABLE);
    expect(await statusOf(system, waiting[0] ?? '')).toBe('PENDING');
    await switchPrimary(primary('stock-db'), standby('stock-db'));
    const switchedAt = performance.now();
    leadTo('stock-db', standby('stock-db'));
    await expect.poll(() => serving(system.stocks), { timeout: GOES_ON_WITHIN_MS }).toEqual([true, true]);
    await expectGoesOn(switchedAt);
    expect(await settled(system, waiting)).toEqual({ CONFIRMED: 20, REJECTED: 0 });
    await expect.poll(() => sessionsOn(primary('stock-db'))).toBe(0);
    expect((await system.stockAdminClient().listDeadLetters({})).deadLetters).toEqual([]);
    const away = errorsSince(stock, seen).filter((line) => line.includes('is away'));
    expect(away).toHaveLength(1);
    await switchPrimary(standby('stock-db'), primary('stock-db'));
    leadTo('stock-db', primary('stock-db'));
    await expectGoesOn(performance.now());
  });
});

describe('an address that leads to another server', () => {
  it('is followed though the sessions on the old one stay open and could write', async () => {
    await settled(system, await submitMany(system, 5));
    await switchPrimary(primary('order-db'), standby('order-db'));
    leadTo('order-db', standby('order-db'));
    // Nobody has demoted this server: what is written here now would be lost.
    await query(primary('order-db'), 'SET GLOBAL read_only = 0');
    await expect.poll(() => sessionsOn(primary('order-db')), { timeout: GOES_ON_WITHIN_MS }).toBe(0);
    await expectGoesOn(performance.now());
    expect(await serving(system.orders)).toEqual([true, true]);
    await query(primary('order-db'), 'SET GLOBAL read_only = 1');
    await switchPrimary(standby('order-db'), primary('order-db'));
    leadTo('order-db', primary('order-db'));
    await expectGoesOn(performance.now());
  });
});

describe('a global read lock', () => {
  it('is UNAVAILABLE for every caller before a deadline of 5 s, then at once; all goes on without it', async () => {
    const keeper = await createConnection(primary('order-db').url('mysql'));
    const refusals: { code: number; afterMs: number }[] = [];
    const ended = new AbortController();
    const caller = async () => {
      while (!ended.signal.aborted) {
        const startedAt = performance.now();
        const code = await submit(system).then(
          () => Code.OK,
          (error: { code: number }) => error.code,
        );
        if (code === Code.OK) continue;
        refusals.push({ code, afterMs: performance.now() - startedAt });
        // A caller backs off.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const callers = Array.from({ length: CALLERS }, caller);
    try {
      await keeper.query('FLUSH TABLES WITH READ LOCK');
      await expect.poll(() => serving(system.orders)).toEqual([false, false]);
      await expect.poll(() => refusals.length, { timeout: 20_000 }).toBeGreaterThan(3 * CALLERS);
    } finally {
      ended.abort();
      await Promise.all(callers);
    }
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set([Code.UNAVAILABLE]));
    expect(Math.max(...refusals.map(({ afterMs }) => afterMs))).toBeLessThan(4_800);
    const startedAt = performance.now();
    expect(await codeOf(submit(system))).toBe(Code.UNAVAILABLE);
    expect(performance.now() - startedAt).toBeLessThan(500);
    await keeper.end();
    await expectGoesOn(performance.now());
  });
});
