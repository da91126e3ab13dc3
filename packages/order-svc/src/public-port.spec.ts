import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OrderService } from '@txmsg/contracts';
import { OrderStatus } from '@txmsg/contracts/order';
import { createGrpcClient, type GrpcClient } from '@txmsg/grpc';
import { freePort, servesTcp, startTestService, type TestService } from '@txmsg/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHostileCaller, type HostileCaller } from './test-support/hostile-caller.js';
import { createOrderDatabase, type OrderDatabase } from './test-support/order-database.js';

const MIB = 1024;
/** KiB of memory that the process may ever have had, and may have when all is over. */
const MAX_RESIDENT = 600 * MIB;
const MAX_RESIDENT_AFTER = 400 * MIB;
/** A message of 250 KB with 125,000 empty orders. */
const EMPTY_ORDERS = Buffer.from('2200'.repeat(125_000), 'hex');
let database: OrderDatabase;
let service: TestService;
let port: number;
let client: GrpcClient<typeof OrderService>;

function startOrderService(grpcPort: number, internalPort: number, env: Record<string, string> = {}) {
  return startTestService({
    name: 'order-svc-attacked',
    entry: fileURLToPath(new URL('../dist/main.js', import.meta.url)),
    env: {
      NODE_OPTIONS: '--max-old-space-size=384',
      TXMSG_ORDER_DB_URL: database.url,
      TXMSG_ORDER_GRPC_PORT: String(grpcPort),
      TXMSG_ORDER_INTERNAL_PORT: String(internalPort),
      // Nobody is there: transactions wait for the outbox.
      TXMSG_RELAY_ADDRESSES: '127.0.0.1:9',
      ...env,
    },
    healthPorts: [grpcPort],
  });
}

beforeAll(async () => {
  database = await createOrderDatabase();
  port = await freePort();
  service = await startOrderService(port, await freePort());
  client = createGrpcClient(OrderService, `127.0.0.1:${port}`);
});

afterAll(async () => {
  client?.close();
  await service?.remove();
  await database?.close();
});

/** KiB of a line of the process's status. */
function memory(line: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${service.pid}/status`, 'utf8');
  return Number(new RegExp(`${line}:\\s+(\\d+)`).exec(status)?.[1]);
}

/** Runs an attack until the service has ended it; a normal caller submits orders meanwhile, and none of its calls fails. */
async function attack(
  work: (caller: HostileCaller) => void | Promise<void>,
  ended: (caller: HostileCaller) => boolean,
): Promise<void> {
  const caller = createHostileCaller(port);
  const submit = () => client.submitOrder({ productId: 1n, payCount: 1 }, { timeoutMs: 60_000 });
  try {
    await submit();
    await Promise.all([work(caller), submit()]);
    await expect
      .poll(async () => [(await submit()).status, ended(caller)], { timeout: 150_000 })
      .toEqual([OrderStatus.PENDING, true]);
  } finally {
    caller.close();
  }
  expect(service.running).toBe(true);
  expect(memory('VmHWM')).toBeLessThan(MAX_RESIDENT);
}

const allTaken = ({ unsentBytes }: HostileCaller) => unsentBytes === 0;
const allStreamsEnded = ({ openStreams }: HostileCaller) => openStreams === 0;

describe('an order service with a heap of 384 MB outlives', { timeout: 240_000 }, () => {
  it('streams that are never read, with messages of empty orders', () =>
    attack((caller) => {
      for (let stream = 0; stream < 24; stream += 1) {
        caller.reconnect();
        caller.bulkStream(Array<Buffer>(34).fill(EMPTY_ORDERS));
      }
    }, allTaken));

  it('1,500 half messages', () =>
    attack((caller) => {
      for (let call = 0; call < 1_500; call += 1) {
        if (call % 50 === 0) caller.reconnect();
        caller.halfMessage(240_000);
      }
    }, allStreamsEnded));

  it('1,500 silent connections', () =>
    attack(
      (caller) => caller.silent(1_500),
      ({ open }) => open <= 1_000,
    ));

  it('and gives the memory back', async () => {
    await expect
      .poll(
        async () => {
          await client.submitOrder({ productId: 1n, payCount: 1 }, { timeoutMs: 60_000 });
          return memory('VmRSS');
        },
        { timeout: 60_000 },
      )
      .toBeLessThan(MAX_RESIDENT_AFTER);
  });
});

it('opens its public port alone to IPv6 and other machines', async () => {
  const internalPort = await freePort();
  const publicPort = await freePort();
  const exposed = await startOrderService(publicPort, internalPort, { TXMSG_ORDER_HOST: '::' });
  try {
    expect(await servesTcp(`[::1]:${publicPort}`)).toBe(true);
    expect(await servesTcp(`127.0.0.1:${publicPort}`)).toBe(true);
    expect(await servesTcp(`127.0.0.1:${internalPort}`)).toBe(true);
    expect(await servesTcp(`[::1]:${internalPort}`)).toBe(false);
    await exposed.stop();
    await exposed.start({ TXMSG_ORDER_INTERNAL_HOST: '[::1]' });
    expect(await servesTcp(`[::1]:${internalPort}`)).toBe(true);
    expect(await servesTcp(`127.0.0.1:${internalPort}`)).toBe(false);
  } finally {
    await exposed.remove();
  }
});
