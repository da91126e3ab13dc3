import { fileURLToPath } from 'node:url';
import { migrateDatabase } from '@txmsg/mysql';
import { createTestPools, type TestPools } from '@txmsg/mysql/testing';
import type {} from '@txmsg/stack/testing/shared-database';
import { v7 as uuidv7 } from 'uuid';
import { inject } from 'vitest';
import { orderProbes } from '../store/order-group.js';

/** A migrated order database of its own. */
export interface OrderDatabase extends TestPools {
  readonly url: string;
}

/** Makes an order database with a name that nobody else has, on the server of all specs or on another. */
export async function createOrderDatabase(server = inject('databaseAddress')): Promise<OrderDatabase> {
  const url = `mysql://txmsg:txmsg@${server}/orders-${uuidv7()}`;
  await migrateDatabase(url, fileURLToPath(new URL('../../drizzle', import.meta.url)));
  return {
    url,
    ...createTestPools(url, orderProbes),
  };
}
