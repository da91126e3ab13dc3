import { fileURLToPath } from 'node:url';
import { createDatabase, type Database, migrateDatabase } from '@txmsg/mysql';
import type {} from '@txmsg/stack/testing/shared-database';
import { v7 as uuidv7 } from 'uuid';
import { inject } from 'vitest';
import { orderProbes } from '../store/order-group.js';

/** A migrated order database of its own. */
export interface OrderDatabase {
  readonly url: string;
  /** Another pool on it, through another address if one is given; closed by `close`. */
  connect(options?: { address?: string; timeoutMs?: number; lockWaitSeconds?: number }): Database;
  close(): Promise<void>;
}

/** Makes an order database with a name that nobody else has, on the server of all specs or on another. */
export async function createOrderDatabase(server = inject('databaseAddress')): Promise<OrderDatabase> {
  const url = `mysql://txmsg:txmsg@${server}/orders-${uuidv7()}`;
  await migrateDatabase(url, fileURLToPath(new URL('../../drizzle', import.meta.url)));
  const pools: Database[] = [];
  return {
    url,
    connect({ address, ...options } = {}) {
      const target = new URL(url);
      if (address) target.host = address;
      const pool = createDatabase({ url: target.href, ...orderProbes, ...options });
      pools.push(pool);
      return pool;
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}
