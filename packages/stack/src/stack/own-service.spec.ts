import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { rocketmqAdmin } from '../parts/rocketmq-admin.js';
import { orders, relay, shipping, stock } from '../test-support/sample-services.js';
import { bringUp } from './bring-up.js';
import { existingStack, type StackContext, stackToStart } from './context.js';
import { stackStatus, statusJson } from './status.js';
import { stopParts } from './stop-parts.js';

const silent = (): void => {};
const report = { partReady: silent, stepDone: silent };
const wish = { separate: false, profile: 'laptop' } as const;

let home: string;
let env: NodeJS.ProcessEnv;
let stack: StackContext;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'txmsg-spec-'));
  const { PATH, HOME, TXMSG_CACHE_DIR, TXMSG_JAVA, TXMSG_MYSQLD } = process.env;
  env = { PATH, HOME, TXMSG_CACHE_DIR, TXMSG_JAVA, TXMSG_MYSQLD, TXMSG_HOME: home };
  const services = [orders, relay, stock].map(standIn);
  stack = await stackToStart(env, silent, { ...wish, services: [...services, ownService()] });
  const { parts, state } = stack;
  await bringUp({ parts, state, env, start: { outlive: false }, report });
});

afterAll(async () => {
  await stopParts(stack.parts, stack.state, silent);
  rmSync(home, { recursive: true });
});

/** A program that serves each port of a descriptor and writes its environment to a file. */
function program(name: string, lines: readonly string[]): string {
  const path = join(home, `${name}.mjs`);
  writeFileSync(path, lines.join('\n'));
  return path;
}

/** A service whose program serves TCP on its ports and writes its environment to a file. */
function standIn(descriptor: ServiceDescriptor): ServiceDescriptor {
  const { name, ports } = descriptor;
  const tcp = Object.entries(ports).map(([purpose, port]) => [purpose, { ...port, probe: 'tcp' }] as const);
  const entry = program(name, [
    `import { createServer } from 'node:net';`,
    `import { writeFileSync } from 'node:fs';`,
    `writeFileSync(${JSON.stringify(join(home, `${name}.env`))}, JSON.stringify(process.env));`,
    ...tcp.map(([, port]) => `createServer().listen(Number(process.env.${port.env}), '127.0.0.1');`),
  ]);
  return { ...descriptor, entry, ports: Object.fromEntries(tcp) };
}

/** A service of one's own: HTTP for callers, gRPC with its health for the relay, and a database of its own. */
function ownService(): ServiceDescriptor {
  const grpcJs = JSON.stringify(import.meta.resolve('@grpc/grpc-js'));
  const mysql = JSON.stringify(import.meta.resolve('mysql2/promise'));
  const entry = program('shipping', [
    `import { createServer } from 'node:http';`,
    `import grpc from ${grpcJs};`,
    `createServer((_, response) => response.end('shipped')).listen(Number(process.env.SHIPPING_HTTP_PORT), '127.0.0.1');`,
    `const same = (bytes) => bytes;`,
    `const check = { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false,`,
    `  requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };`,
    `const server = new grpc.Server();`,
    `server.addService({ check }, { check: (_, answer) => answer(null, Buffer.from([8, 1])) });`,
    `server.bindAsync('127.0.0.1:' + process.env.SHIPPING_INTERNAL_PORT, grpc.ServerCredentials.createInsecure(), () => {});`,
  ]);
  const connect = `const db = await (await import(${mysql})).createConnection(process.env.SHIPPING_DB_URL);`;
  const migrate = program('migrate', [
    connect,
    `await db.query('CREATE TABLE shipment (id INT)');`,
    `await db.end();`,
  ]);
  const seed = program('seed', [
    connect,
    `const answer = await fetch('http://' + process.argv[2]);`,
    `if (await answer.text() === 'shipped') await db.query('INSERT INTO shipment VALUES (7)');`,
    `await db.end();`,
  ]);
  return { ...shipping, entry, migrate, seed: { program: seed, port: 'http', detail: 'a shipment' } };
}

async function statusNow(): Promise<Record<string, unknown> & { parts: { name: string }[] }> {
  return JSON.parse(statusJson(await stackStatus(stack.parts, stack.state, undefined)));
}

it('starts a service of one’s own beside the others, and shows it', async () => {
  const status = await statusNow();
  const names = ['database', 'rocketmq', 'order-svc', 'relay', 'stock-svc', 'shipping-svc'];
  expect(status.parts.map(({ name }) => name)).toEqual(names);
  expect(status.parts).toEqual(names.map(() => expect.objectContaining({ ready: true })));
  const { ports } = stack.state.services.at(-1) ?? {};
  expect(status.parts.at(-1)).toMatchObject({ ports: { http: ports?.http, internal: ports?.internal } });
  expect(status).toMatchObject({
    orderDbUrl: expect.stringMatching(/\/tx-msg-orders$/),
    stockDbUrl: expect.stringMatching(/\/tx-msg-stock$/),
    shippingDbUrl: expect.stringMatching(/\/shipping$/),
  });
});

it('migrates its database, gives it its first data, and makes its topic', async () => {
  const { shippingDbUrl } = await statusNow();
  const connection = await createConnection(String(shippingDbUrl));
  const [rows] = await connection.query<RowDataPacket[]>('SELECT id FROM shipment');
  await connection.end();
  expect(rows).toEqual([{ id: 7 }]);
  const { rocketmq } = stack.state.ports;
  const made = readFileSync(join(home, 'data/rocketmq/launcher.properties'), 'utf8');
  expect(made).toContain('topic_ship:TRANSACTION');
  expect(await rocketmqAdmin(rocketmq.admin).topics()).toEqual(
    expect.arrayContaining(['topic_txmsg', 'topic_txresult', 'topic_ship']),
  );
});

it('tells the relay where it is, as participant and consumer, and of its topic', () => {
  const [orderSvc, , stockSvc, own] = stack.state.services;
  const told = JSON.parse(readFileSync(join(home, 'relay.env'), 'utf8'));
  expect(told).toMatchObject({
    TXMSG_RELAY_PARTICIPANTS: `order-svc=127.0.0.1:${orderSvc?.ports.internal},shipping-svc=127.0.0.1:${own?.ports.internal}`,
    TXMSG_RELAY_CONSUMERS: `stock-svc=127.0.0.1:${stockSvc?.ports.internal},shipping-svc=127.0.0.1:${own?.ports.internal}`,
    TXMSG_RELAY_TOPICS: 'topic_txmsg,topic_ship',
  });
});

it('is found and stopped by a later command, which was not told of it', async () => {
  const later = existingStack(env, silent);
  expect(later?.parts.filter((part) => part.running).map((part) => part.spec.name)).toContain('shipping-svc');
  const again = await stackToStart(env, silent, { ...wish, services: [] });
  expect(again.state).toEqual(stack.state);
  const stranger = { ...shipping, name: 'billing-svc' };
  await expect(stackToStart(env, silent, { ...wish, services: [stranger] })).rejects.toThrow(
    'without billing-svc',
  );
  if (later === undefined) throw new Error('no stack');
  const stopped: string[] = [];
  await stopParts(later.parts, later.state, (part) => stopped.push(part.spec.name));
  expect(stopped.slice(0, 2).sort()).toEqual(['order-svc', 'shipping-svc']);
  expect(stack.parts.some((part) => part.running)).toBe(false);
});
