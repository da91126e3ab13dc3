/** What a session of ours keeps to. */
export interface SessionOptions {
  /** Deadline of a transaction, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a statement waits for a row lock, in whole seconds. */
  readonly lockWaitSeconds: number;
}

const SQL_MODE = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
const UTC = "time_zone = '+00:00'";
/** MySQL ends any session that is idle so long, in seconds; the pool closes its idle ones well before. */
const MYSQL_IDLE_SECONDS = 60;

/**
 * The statements that begin every session: READ COMMITTED, UTC, strict, and an end to what a vanished client leaves, so
 * that its locks are not kept for hours.
 */
export function sessionSettings({ timeoutMs, lockWaitSeconds }: SessionOptions): readonly string[] {
  return [
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    // The mode says how literals are escaped, and that nothing is cut to fit.
    `SET ${UTC}, innodb_lock_wait_timeout = ${lockWaitSeconds}, sql_mode = '${SQL_MODE}' ${idleLimits(timeoutMs)}`,
  ];
}

/** The statement that lets a session's transaction be idle for as long as a deadline of `timeoutMs` needs. */
export function longIdleSettings(timeoutMs: number): string {
  return `SET ${UTC} ${idleLimits(timeoutMs)}`;
}

/**
 * Assignments at the end of a SET, each in a comment that only one of the two servers executes: MariaDB limits the time
 * that a transaction is idle, MySQL only that of a session.
 */
function idleLimits(timeoutMs: number): string {
  const seconds = Math.max(2, Math.ceil((2 * timeoutMs) / 1_000));
  const mysqlSeconds = Math.max(MYSQL_IDLE_SECONDS, seconds);
  return `/*M! , idle_transaction_timeout = ${seconds} */ /*!80000 , wait_timeout = ${mysqlSeconds} */`;
}
