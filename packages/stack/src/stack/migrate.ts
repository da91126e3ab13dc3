import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { messageOf, StackError } from '../errors.js';
import { serviceEntry } from './services.js';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

/** The two databases. */
export interface DatabaseUrls {
  readonly orderDbUrl: string;
  readonly stockDbUrl: string;
}

/** Brings both databases to the newest schema; safe to repeat. Throws COMMAND_FAILED with what the program said. */
export async function migrate(urls: DatabaseUrls, env: NodeJS.ProcessEnv): Promise<void> {
  await Promise.all([
    migrateOne('order-svc', { ...env, TXMSG_ORDER_DB_URL: urls.orderDbUrl }),
    migrateOne('stock-svc', { ...env, TXMSG_STOCK_DB_URL: urls.stockDbUrl }),
  ]);
}

async function migrateOne(name: 'order-svc' | 'stock-svc', env: NodeJS.ProcessEnv): Promise<void> {
  const program = serviceEntry(name, 'migrate');
  if (!existsSync(program))
    throw new StackError('COMMAND_FAILED', `${program} is missing: build ${name} first`);
  try {
    await run(process.execPath, ['--enable-source-maps', program], { env, timeout: TIMEOUT_MS });
  } catch (fault) {
    const said = fault instanceof Error && 'stderr' in fault ? String(fault.stderr) : '';
    throw new StackError('COMMAND_FAILED', `the migration of ${name} failed: ${messageOf(fault)}\n${said}`, {
      cause: fault,
    });
  }
}
