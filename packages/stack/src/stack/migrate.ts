import type { ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { messageOf, StackError } from '../errors.js';
import { runProgram } from '../process/run-program.js';
import type { StackDatabase } from './addresses.js';

/** Changing a large table takes time. A change that other sessions block gives up by itself. */
const TIMEOUT_MS = 6 * 3_600_000;

/**
 * Brings the databases of the services to the newest schema. Safe to repeat. Tries each database, even when another one
 * fails. Throws COMMAND_FAILED with the programs' output.
 */
export async function migrate(
  services: readonly ServiceDescriptor[],
  databases: readonly StackDatabase[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const urls = Object.fromEntries(databases.map((database) => [database.env, database.url]));
  const failures = await Promise.all(services.map((service) => migrateOne(service, { ...env, ...urls })));
  const said = failures.filter((failure) => failure !== undefined);
  if (said.length > 0) throw new StackError('COMMAND_FAILED', said.join('\n'));
}

/** What people call the databases of a stack together. */
export function allDatabases(databases: readonly StackDatabase[]): string {
  return databases.length === 2 ? 'both databases' : `all ${databases.length} databases`;
}

/** What went wrong, or undefined. */
async function migrateOne(
  { name, migrate: program, env: settings }: ServiceDescriptor,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (program === undefined) return undefined;
  try {
    await runProgram(program, { env: { ...settings, ...env }, timeoutMs: TIMEOUT_MS });
    return undefined;
  } catch (fault) {
    return `the migration of ${name} failed: ${messageOf(fault)}`;
  }
}
