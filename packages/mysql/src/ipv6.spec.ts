import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from './database.js';
import { sql } from './drizzle.js';
import { migrateDatabase } from './migrations/migrate-database.js';

let server: TestDatabase;

beforeAll(async () => {
  server = await startTestDatabase();
}, 120_000);

afterAll(() => server.stop());

it('reaches a database on IPv6: pool, ping and migration', async () => {
  const forwarder = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: server.port });
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  forwarder.listen({ host: '::1', port: 0 });
  await once(forwarder, 'listening');
  const address = forwarder.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  const url = `mysql://txmsg:txmsg@[::1]:${address.port}/over-ipv6`;
  await expect(migrateDatabase(url, 'no-migrations-here')).rejects.toThrow(/journal/);
  const database = createDatabase({ url, connections: 2 });
  try {
    await database.ping(5_000);
    const [rows] = await database.run((connection) => connection.execute(sql`SELECT DATABASE() AS name`));
    expect(rows).toMatchObject([{ name: 'over-ipv6' }]);
  } finally {
    await database.close();
    forwarder.close();
  }
});
