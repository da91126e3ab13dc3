import { SessionRefusedError } from '../begin-session.js';
import { mysqlErrorNumber } from '../errors.js';

/**
 * Why a migration failed: one line for people when the server or other sessions are the reason, otherwise the whole
 * error with its stack.
 */
export function migrationFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const number = mysqlErrorNumber(error);
  if (error instanceof SessionRefusedError) return `${error.message}: ${String(error.cause)}`;
  if (number !== undefined || error.name.startsWith('Migration')) return error.message;
  return error.stack ?? error.message;
}
