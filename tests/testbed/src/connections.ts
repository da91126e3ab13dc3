import { createGrpcClient, type GrpcClient } from '@txmsg/grpc';
import { createPool, type Pool } from 'mysql2/promise';
import type { DatabaseName } from './prepare-databases.js';

/** The value. Throws RangeError when the system has none. */
export function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new RangeError(`this system has no ${what}`);
  return value;
}

/** One pool per database, created at its first use. */
export function poolCache(
  urls: ReadonlyMap<DatabaseName, string>,
  closers: (() => Promise<unknown>)[],
): (database: DatabaseName) => Pool {
  const pools = new Map<DatabaseName, Pool>();
  closers.push(async () => {
    for (const pool of pools.values()) await pool.end();
  });
  return (database) => {
    const uri = known(urls.get(database), database);
    const pool = pools.get(database) ?? createPool({ uri, timezone: 'Z', supportBigNumbers: true });
    pools.set(database, pool);
    return pool;
  };
}

type ClientMaker = <S extends Parameters<typeof createGrpcClient>[0]>(
  service: S,
  address: string,
) => GrpcClient<S>;

/** One client per service and address. */
export function clientCache(closers: (() => Promise<unknown>)[]): ClientMaker {
  const clients = new Map<string, { close(): void }>();
  closers.push(async () => {
    for (const client of clients.values()) client.close();
  });
  return <S extends Parameters<typeof createGrpcClient>[0]>(service: S, address: string) => {
    const key = `${service.typeName}@${address}`;
    const client = clients.get(key) ?? createGrpcClient(service, address, { timeoutMs: 15_000 });
    clients.set(key, client);
    return client as GrpcClient<S>;
  };
}
