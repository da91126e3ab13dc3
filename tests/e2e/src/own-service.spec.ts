import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceDescriptor } from '@txmsg/stack/descriptor';
import { type System, startSystem } from '@txmsg/testbed';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedServers } from './test-support/shared-servers.js';

let dir: string;
let system: System;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'txmsg-own-'));
  system = await startSystem({
    ...sharedServers(),
    proxied: true,
    more: [{ descriptor: ownService(), count: 2 }],
    entries: { 'shipping-svc-1': program('other', [`process.env.SHIPPING_COLOUR = 'blue';`, ...MAIN]) },
    migrations: { 'shipping-svc': program('migrate', MIGRATE) },
  });
});
afterAll(async () => {
  await system?.stop();
  rmSync(dir, { recursive: true });
});

function program(name: string, lines: readonly string[]): string {
  const path = join(dir, `${name}.mjs`);
  writeFileSync(path, lines.join('\n'));
  return path;
}

/** Listens on two ports and writes its environment to a file that is named by one of them. */
const MAIN = [
  `const { createServer } = await import('node:net');`,
  `const { writeFileSync } = await import('node:fs');`,
  `const { SHIPPING_PORT, SHIPPING_INTERNAL_PORT, SHIPPING_DIR } = process.env;`,
  `writeFileSync(SHIPPING_DIR + '/' + SHIPPING_PORT, JSON.stringify(process.env));`,
  `for (const port of [SHIPPING_PORT, SHIPPING_INTERNAL_PORT]) createServer().listen(port, '127.0.0.1');`,
];

const MIGRATE = [
  `const { createConnection } = await import(${JSON.stringify(import.meta.resolve('mysql2/promise'))});`,
  `const url = new URL(process.env.SHIPPING_DB_URL);`,
  `const name = url.pathname.slice(1);`,
  `url.pathname = '/';`,
  `const db = await createConnection(url.href);`,
  'await db.query("CREATE DATABASE `" + name + "`");',
  'await db.query("CREATE TABLE `" + name + "`.shipment (id INT)");',
  `await db.end();`,
];

/** It publishes and consumes. */
function ownService(): ServiceDescriptor {
  return {
    name: 'shipping-svc',
    entry: program('main', MAIN),
    migrate: '/nowhere/migrate.js',
    ports: {
      http: { env: 'SHIPPING_PORT', default: 5050, probe: 'tcp' },
      internal: { env: 'SHIPPING_INTERNAL_PORT', default: 5051, probe: 'tcp' },
    },
    databases: [{ env: 'SHIPPING_DB_URL', name: 'shipping', label: 'shipping' }],
    topics: [{ env: 'SHIPPING_TOPIC', name: 'topic_ship', type: 'TRANSACTION' }],
    groups: [{ env: 'SHIPPING_GROUP', name: 'shipping-svc' }],
    participant: { port: 'internal' },
    consumer: { port: 'internal' },
    peers: { relays: 'SHIPPING_RELAYS', broker: 'SHIPPING_BROKER' },
    env: { SHIPPING_COLOUR: 'green', SHIPPING_DIR: dir },
  };
}

/** The environment of a replica. */
function envOf(replica: System['orders'][number] | undefined): Record<string, string> {
  return JSON.parse(readFileSync(join(dir, String(replica?.address.split(':')[1])), 'utf8'));
}

it('a service of one’s own runs in the system: its database, its topic, its peers', async () => {
  const replicas = system.replicas('shipping-svc');
  expect(replicas.map(({ name, running }) => ({ name, running }))).toEqual([
    { name: 'shipping-svc-0', running: true },
    { name: 'shipping-svc-1', running: true },
  ]);
  const [rows] = await system.pool('shipping-db').query<RowDataPacket[]>('SHOW TABLES');
  expect(rows.map((row) => Object.values(row))).toEqual([['shipment']]);
  const env = envOf(replicas[0]);
  expect(await system.broker.topics()).toContain(env.SHIPPING_TOPIC);
  expect(env).toMatchObject({
    SHIPPING_COLOUR: 'green',
    SHIPPING_RELAYS: system.network.links.get('shipping-svc-0→relay-0')?.address,
    SHIPPING_BROKER: system.network.links.get('shipping-svc-0→broker')?.address,
  });
  // The second replica is of another build.
  expect(envOf(replicas[1])).toMatchObject({ SHIPPING_TOPIC: env.SHIPPING_TOPIC, SHIPPING_COLOUR: 'blue' });
  expect(() => system.replicas('billing-svc')).toThrow(RangeError);
});

it('the relay knows it as participant and consumer, each replica through a link of its own', async () => {
  const { participants, consumers } = await system.relayAdminClient().getStatus({});
  expect([...participants].sort()).toEqual(['order-svc', 'shipping-svc']);
  expect([...consumers].sort()).toEqual(['shipping-svc', 'stock-svc']);
  const fromRelay = [...system.network.links.keys()].filter((name) => name.startsWith('relay-0→'));
  expect(fromRelay.sort()).toEqual([
    'relay-0→broker',
    'relay-0→order-svc-0',
    'relay-0→shipping-svc-0',
    'relay-0→shipping-svc-1',
    'relay-0→stock-svc-0',
  ]);
});
