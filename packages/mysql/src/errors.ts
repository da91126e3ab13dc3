/**
 * MySQL error numbers that decide something. They are the same on MySQL 8 and MariaDB 10.6+. Never match an error's
 * text.
 */
const DUPLICATE_KEY = 1062;
const LOCK_WAIT_TIMEOUT = 1205;
const DEADLOCK = 1213;

/**
 * The server has rolled the transaction back, whatever it was doing: after a lock wait at COMMIT (a backup's lock), a
 * deadlock, or a conflict in Galera or Group Replication. Every other number in the answer to COMMIT leaves the outcome
 * open.
 */
const ROLLED_BACK_AT_COMMIT = new Set([LOCK_WAIT_TIMEOUT, DEADLOCK, 3101]);

/** The server takes no writes: it is read-only, demoted, or recovering. */
const NOT_WRITABLE = new Set([1036, 1290, 1792, 1836, 1874, 1881, 3032, 3989]);

/**
 * Server errors about the server's state instead of the statement: too many connections, shutdown, killed connection,
 * disk full, out of memory, and the like. Vitess and others send 1105 for anything that is unreachable.
 */
const SERVER_OUTAGES = new Set([
  ...NOT_WRITABLE,
  1021,
  1030,
  1037,
  1038,
  1040,
  1041,
  1047,
  1053,
  1077,
  1078,
  1079,
  1080,
  1105,
  1114,
  1129,
  1135,
  1152,
  1154,
  1155,
  1156,
  1157,
  1158,
  1159,
  1160,
  1161,
  1180,
  1184,
  1203,
  1206,
  1223,
  1226,
  1317,
  1637,
  1927,
  1969,
  3024,
  3100,
  3101,
  3168,
  3169,
  4031,
]);

/**
 * Numbers that no server gives its own errors. As error packets they come from something in between: 2006 and 2013, a
 * client's numbers, from proxies that lost their server; 9000 and above from ProxySQL, RDS Proxy and TiDB.
 */
const PROXY_RANGES = [
  [2_000, 2_999],
  [9_000, 9_999],
] as const;

/** COMMIT was sent, and its answer is lost or decides nothing: the transaction has committed or has rolled back. */
export class CommitInDoubtError extends Error {
  constructor(cause: unknown) {
    super('the reply to COMMIT was lost, or leaves the outcome open', { cause });
    this.name = 'CommitInDoubtError';
  }
}

/**
 * COMMIT waited for a lock (1205), and the transaction is rolled back. Such a lock covers the whole server, as a
 * backup's does: nobody can commit.
 */
export class CommitBlockedError extends Error {
  constructor(cause: unknown) {
    super('COMMIT waited for a lock of the whole server', { cause });
    this.name = 'CommitBlockedError';
  }
}

/** A transaction passed its deadline before COMMIT was sent; it is rolled back. */
export class TransactionTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`the transaction took longer than ${timeoutMs} ms`);
    this.name = 'TransactionTimeoutError';
  }
}

/** Every connection of the pool is in use, or too many callers wait for one. The database itself is up. */
export class PoolExhaustedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PoolExhaustedError';
  }
}

/**
 * The server's error number, also from under drizzle's wrapper. Undefined when the server didn't answer, and for a
 * COMMIT in doubt, which no number decides.
 */
export function mysqlErrorNumber(error: unknown): number | undefined {
  return causes(error).some((cause) => cause instanceof CommitInDoubtError) ? undefined : numberOf(error);
}

function numberOf(error: unknown): number | undefined {
  for (const current of causes(error)) {
    // The driver sets a negative errno for socket errors; those are not the server's.
    if ('errno' in current && typeof current.errno === 'number' && current.errno > 0) return current.errno;
  }
  return undefined;
}

/** A unique key exists already (1062). */
export function isDuplicateKey(error: unknown): boolean {
  return mysqlErrorNumber(error) === DUPLICATE_KEY;
}

/** A deadlock (1213) or a lock wait timeout (1205). After a rollback the same transaction may run again. */
export function isRetryable(error: unknown): boolean {
  return isDeadlock(error) || isLockWait(error);
}

/** A deadlock (1213). */
export function isDeadlock(error: unknown): boolean {
  return mysqlErrorNumber(error) === DEADLOCK;
}

/** A lock wait timeout (1205), of a statement or of a COMMIT. */
export function isLockWait(error: unknown): boolean {
  return mysqlErrorNumber(error) === LOCK_WAIT_TIMEOUT;
}

/**
 * A lock wait timeout (1205) of a statement: of a row, a table or the whole server. At COMMIT it is an outage instead.
 */
export function isLockWaitTimeout(error: unknown): boolean {
  return isLockWait(error) && !causes(error).some(isBlocked);
}

/** The answer to COMMIT says that the transaction was rolled back. Any other error leaves it in doubt. */
function isRolledBackAtCommit(error: unknown): boolean {
  const number = mysqlErrorNumber(error);
  return number !== undefined && ROLLED_BACK_AT_COMMIT.has(number);
}

/** The error to throw for an error in the answer to COMMIT. */
export function commitError(error: unknown): unknown {
  if (isLockWaitTimeout(error)) return new CommitBlockedError(error);
  return isRolledBackAtCommit(error) ? error : new CommitInDoubtError(error);
}

/**
 * The server that answered takes no writes: it is read-only or was demoted. Its answer to a COMMIT in doubt may say so
 * too.
 */
export function isNotWritable(error: unknown): boolean {
  const number = numberOf(error);
  return number !== undefined && NOT_WRITABLE.has(number);
}

/** More callers than connections for too long. It is no outage, and nothing was done: try later. */
export function isSaturated(error: unknown): boolean {
  return causes(error).some((cause) => cause instanceof PoolExhaustedError);
}

/**
 * The database is down or can't work now; the statement is not at fault. A transaction that timed out counts, and a
 * COMMIT that was kept waiting; a saturated pool doesn't.
 */
export function isOutage(error: unknown): boolean {
  if (isSaturated(error)) return false;
  if (causes(error).some((cause) => endsConnection(cause) || isBlocked(cause))) return true;
  const number = mysqlErrorNumber(error);
  if (number !== undefined) return SERVER_OUTAGES.has(number) || isProxyError(number);
  return causes(error).some(isDriverError);
}

/** The driver calls an error fatal when it ended the connection, or found it ended. */
function endsConnection(error: Error): boolean {
  if (error instanceof CommitInDoubtError || error instanceof TransactionTimeoutError) return true;
  return 'fatal' in error && error.fatal === true;
}

function isBlocked(error: Error): boolean {
  return error instanceof CommitBlockedError;
}

function isProxyError(number: number): boolean {
  return PROXY_RANGES.some(([first, last]) => number >= first && number <= last);
}

/**
 * mysql2's errors for a lost, refused or exhausted connection have a code and no server number. Node's own codes
 * (ERR_…) tell of a fault in the program; the driver marks those that ended the connection as fatal.
 */
function isDriverError(error: Error): boolean {
  if (error.name === 'PoolError') return true;
  return (
    'code' in error && typeof error.code === 'string' && /^(?!ERR_)(E[A-Z]|PROTOCOL_|POOL_)/.test(error.code)
  );
}

/** An error and its causes, outermost first. */
function causes(error: unknown): readonly Error[] {
  const found: Error[] = [];
  for (let current = error; current instanceof Error; current = current.cause) found.push(current);
  return found;
}
