import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { messageOf, StackError } from '../errors.js';
import { serviceEntry } from './services.js';

const run = promisify(execFile);
/** A change of a large table takes its time; one that others block gives up by itself. */
const TIMEOUT_MS = 6 * 3_600_000;

/** The two databases. */
export interface DatabaseUrls {
  readonly orderDbUrl: string;
  readonly stockDbUrl: string;
}

/**
 * Brings both databases to the newest schema; safe to repeat. Each is tried, whatever becomes of the other. Throws
 * COMMAND_FAILED with what the programs said.
 */
export async function migrate(urls: DatabaseUrls, env: NodeJS.ProcessEnv): Promise<void> {
  const failures = await Promise.all([
    migrateOne('order-svc', { ...env, TXMSG_ORDER_DB_URL: urls.orderDbUrl }),
    migrateOne('stock-svc', { ...env, TXMSG_STOCK_DB_URL: urls.stockDbUrl }),
  ]);
  const said = failures.filter((failure) => failure !== undefined);
  if (said.length > 0) throw new StackError('COMMAND_FAILED', said.join('\n'));
}

/** What went wrong, or undefined. */
async function migrateOne(
  name: 'order-svc' | 'stock-svc',
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const program = serviceEntry(name, 'migrate');
  if (!existsSync(program)) return `${program} is missing: build ${name} first`;
  try {
    await run(process.execPath, ['--enable-source-maps', program], { env, timeout: TIMEOUT_MS });
    return undefined;
  } catch (fault) {
    const said = fault instanceof Error && 'stderr' in fault ? String(fault.stderr).trim() : '';
    return `the migration of ${name} failed: ${said === '' ? messageOf(fault) : said}`;
  }
}
