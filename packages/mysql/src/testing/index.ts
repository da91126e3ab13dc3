import { createDatabase, type Database, type DatabaseOptions } from '../database.js';
import { sql } from '../drizzle.js';

/** How a test reaches a database: as a service does, or through another address such as a proxy's. */
export interface TestPoolOptions
  extends Pick<DatabaseOptions, 'timeoutMs' | 'connections' | 'lockWaitSeconds'> {
  /** host:port instead of the URL's. */
  readonly address?: string;
}

/** The pools that a test has on one database. */
export interface TestPools {
  /** Makes another pool, closed by `close`. */
  connect(options?: TestPoolOptions): Database;
  close(): Promise<void>;
}

/** Makes pools on a database. */
export function createTestPools(
  url: string,
  probes: Pick<DatabaseOptions, 'probes' | 'writeProbe'> = {},
): TestPools {
  const pools: Database[] = [];
  return {
    connect({ address, ...options } = {}) {
      const target = new URL(url);
      if (address !== undefined) target.host = address;
      const pool = createDatabase({ ...probes, ...options, url: target.href });
      pools.push(pool);
      return pool;
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}

/** Makes an empty database on a server. */
export async function makeDatabase(serverAddress: string, name: string, charset: string): Promise<void> {
  const server = createDatabase({ url: `mysql://txmsg:txmsg@${serverAddress}`, connections: 2 });
  try {
    const statement = `CREATE DATABASE \`${name}\` CHARACTER SET ${charset}`;
    await server.run((connection) => connection.execute(sql.raw(statement)));
  } finally {
    await server.close();
  }
}
