import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestDatabase } from '@txmsg/stack/testing';

const run = promisify(execFile);
const MIGRATION_TIMEOUT_MS = 60_000;

/** Creates an unused database with the order service's tables. Returns its URL. */
export async function createOrderDatabase(database: TestDatabase, name: string): Promise<string> {
  const url = await database.createDatabase(name);
  await run(process.execPath, [fileURLToPath(import.meta.resolve('@txmsg/order-svc/migrate'))], {
    env: { ...process.env, TXMSG_ORDER_DB_URL: url },
    timeout: MIGRATION_TIMEOUT_MS,
  });
  return url;
}
