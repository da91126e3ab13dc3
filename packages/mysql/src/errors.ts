/** MySQL error numbers that decide something; the same on MySQL 8 and MariaDB 10.6+. Never match an error's text. */
const DUPLICATE_KEY = 1062;
const LOCK_WAIT_TIMEOUT = 1205;
const DEADLOCK = 1213;

/**
 * Server errors that speak of the server's state and not of the statement: too many connections, shutdown, killed
 * connection, read-only, disk full, out of memory, and the like.
 */
const SERVER_OUTAGES = new Set([
  1021, 1030, 1037, 1038, 1040, 1041, 1047, 1053, 1077, 1079, 1080, 1114, 1129, 1152, 1158, 1159, 1160, 1161,
  1180, 1184, 1203, 1226, 1290, 1317, 1836, 1927, 1969, 3024, 3169, 4031,
]);

/** The connection was lost while COMMIT was under way: the transaction has committed, or it has not. */
export class CommitInDoubtError extends Error {
  constructor(cause: unknown) {
    super('the reply to COMMIT was lost', { cause });
    this.name = 'CommitInDoubtError';
  }
}

/** A transaction took longer than its deadline before COMMIT was sent; it is rolled back. */
export class TransactionTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`the transaction took longer than ${timeoutMs} ms`);
    this.name = 'TransactionTimeoutError';
  }
}

/** Every connection of the pool is in use, or too many callers wait for one: the database itself is there. */
export class PoolExhaustedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PoolExhaustedError';
  }
}

/** The server's error number, also from under drizzle's wrapper; undefined when the server did not answer. */
export function mysqlErrorNumber(error: unknown): number | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    // The driver sets a negative errno for socket errors: those are not the server's.
    if ('errno' in current && typeof current.errno === 'number' && current.errno > 0) return current.errno;
  }
  return undefined;
}

/** A unique key exists already (1062). */
export function isDuplicateKey(error: unknown): boolean {
  return mysqlErrorNumber(error) === DUPLICATE_KEY;
}

/** A deadlock (1213) or a lock wait timeout (1205): roll back, then the same transaction may be tried again. */
export function isRetryable(error: unknown): boolean {
  const number = mysqlErrorNumber(error);
  return number === DEADLOCK || number === LOCK_WAIT_TIMEOUT;
}

/** There were more callers than connections for too long; try later. No outage, and nothing was done. */
export function isSaturated(error: unknown): boolean {
  return causes(error).some((cause) => cause instanceof PoolExhaustedError);
}

/**
 * The database is away or can't work now: no fault of the statement. A timed-out transaction counts, a pool in full use
 * does not.
 */
export function isOutage(error: unknown): boolean {
  if (isSaturated(error)) return false;
  if (error instanceof CommitInDoubtError || error instanceof TransactionTimeoutError) return true;
  // The driver calls an error fatal that has ended the connection, or found it ended.
  if (causes(error).some((cause) => 'fatal' in cause && cause.fatal === true)) return true;
  const number = mysqlErrorNumber(error);
  if (number !== undefined) return SERVER_OUTAGES.has(number);
  return causes(error).some(isDriverError);
}

/**
 * Errors that mysql2 raises for a lost, refused or exhausted connection carry a code and no server number. Node's own codes
 * (ERR_…) tell of a fault in the program; one that has ended the connection is marked fatal by the driver.
 */
function isDriverError(error: Error): boolean {
  if (error.name === 'PoolError') return true;
  return (
    'code' in error && typeof error.code === 'string' && /^(?!ERR_)(E[A-Z]|PROTOCOL_|POOL_)/.test(error.code)
  );
}

/** An error and what it was caused by, outermost first. */
function causes(error: unknown): readonly Error[] {
  const found: Error[] = [];
  for (let current = error; current instanceof Error; current = current.cause) found.push(current);
  return found;
}
