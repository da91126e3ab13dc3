/** MySQL error numbers that decide something; the same on MySQL 8 and MariaDB 10.6+. Never match an error's text. */
const DUPLICATE_KEY = 1062;
const LOCK_WAIT_TIMEOUT = 1205;
const DEADLOCK = 1213;

/**
 * The server has rolled the transaction back, whatever it was doing: a lock wait at COMMIT (a backup's lock), a deadlock or
 * a conflict in Galera or Group Replication. Every other number in the answer to COMMIT leaves it open.
 */
const ROLLED_BACK_AT_COMMIT = new Set([LOCK_WAIT_TIMEOUT, DEADLOCK, 3101]);

/** The server takes no writes: read-only, demoted, or recovering. */
const NOT_WRITABLE = new Set([1036, 1290, 1792, 1836, 1874, 1881, 3032, 3989]);

/**
 * Server errors that speak of the server's state and not of the statement: too many connections, shutdown, killed
 * connection, disk full, out of memory, and the like. 1105 is what Vitess and others say of anything that is away.
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
 * Numbers that no server gives its own errors. As error packets they come from something in between: those of clients
 * (2006, 2013) from proxies that lost their server, 9000 and above from ProxySQL, RDS Proxy and TiDB.
 */
const PROXY_RANGES = [
  [2_000, 2_999],
  [9_000, 9_999],
] as const;

/** COMMIT was sent, and its answer is lost or doesn't decide: the transaction has committed, or it has not. */
export class CommitInDoubtError extends Error {
  constructor(cause: unknown) {
    super('the reply to COMMIT was lost or leaves it open', { cause });
    this.name = 'CommitInDoubtError';
  }
}

/**
 * COMMIT has waited for a lock (1205), and the transaction is rolled back. Such a lock is the whole server's, as a backup
 * takes it: nobody can commit.
 */
export class CommitBlockedError extends Error {
  constructor(cause: unknown) {
    super('COMMIT has waited for a lock of the whole server', { cause });
    this.name = 'CommitBlockedError';
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

/**
 * The server's error number, also from under drizzle's wrapper; undefined when the server did not answer, and of a COMMIT
 * in doubt, which no number decides.
 */
export function mysqlErrorNumber(error: unknown): number | undefined {
  return causes(error).some((cause) => cause instanceof CommitInDoubtError) ? undefined : numberOf(error);
}

function numberOf(error: unknown): number | undefined {
  for (const current of causes(error)) {
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

/** A statement's lock wait timeout (1205): of a row, a table or the whole server. That of a COMMIT is an outage. */
export function isLockWaitTimeout(error: unknown): boolean {
  return isLockWait(error) && !causes(error).some(isBlocked);
}

/** The answer to COMMIT says that the transaction was rolled back; otherwise it is in doubt. */
function isRolledBackAtCommit(error: unknown): boolean {
  const number = mysqlErrorNumber(error);
  return number !== undefined && ROLLED_BACK_AT_COMMIT.has(number);
}

/** What an error in the answer to COMMIT means. */
export function commitError(error: unknown): unknown {
  if (isLockWaitTimeout(error)) return new CommitBlockedError(error);
  return isRolledBackAtCommit(error) ? error : new CommitInDoubtError(error);
}

/** The server that answered takes no writes: it is read-only or was demoted. So it may have said at a COMMIT in doubt. */
export function isNotWritable(error: unknown): boolean {
  const number = numberOf(error);
  return number !== undefined && NOT_WRITABLE.has(number);
}

/** There were more callers than connections for too long; try later. No outage, and nothing was done. */
export function isSaturated(error: unknown): boolean {
  return causes(error).some((cause) => cause instanceof PoolExhaustedError);
}

/**
 * The database is away or can't work now: no fault of the statement. A timed-out transaction counts, and a COMMIT that was
 * kept waiting; a pool in full use does not.
 */
export function isOutage(error: unknown): boolean {
  if (isSaturated(error)) return false;
  if (causes(error).some((cause) => endsConnection(cause) || isBlocked(cause))) return true;
  const number = mysqlErrorNumber(error);
  if (number !== undefined) return SERVER_OUTAGES.has(number) || isProxyError(number);
  return causes(error).some(isDriverError);
}

/** The driver calls an error fatal that has ended the connection, or found it ended. */
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
