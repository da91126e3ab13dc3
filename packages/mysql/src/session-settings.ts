/** What a session of ours needs. */
export interface SessionOptions {
  /** Deadline of a transaction, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a statement waits for a lock of a row, a table or the whole server, in whole seconds. */
  readonly lockWaitSeconds: number;
}

/** A statement that begins a session. */
export interface SessionStatement {
  readonly sql: string;
  /** The session works without the statement; an account may lack the privilege for it. */
  readonly optional?: boolean;
}

const SQL_MODE = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
const UTC = "time_zone = '+00:00'";
/**
 * The server ends any session that is idle for this long, in seconds. The pool closes its idle sessions well before.
 */
const IDLE_SESSION_SECONDS = 60;

/**
 * Server defaults that would change what our statements do. Each has happened somewhere. With autocommit off, a
 * statement outside a transaction is never committed. A chained COMMIT begins a transaction that nobody ends. A row
 * limit of the session cuts a claim. Unchecked unique keys let a txNo in twice.
 */
const PINNED = [
  'autocommit = 1',
  'completion_type = 0',
  `sql_mode = '${SQL_MODE}'`,
  UTC,
  'sql_safe_updates = 0',
  'sql_select_limit = 18446744073709551615',
  'sql_big_selects = 1',
  'sql_auto_is_null = 0',
  'unique_checks = 1',
  'foreign_key_checks = 1',
  'character_set_client = utf8mb4',
  'character_set_results = utf8mb4',
  // Also sets the connection's character set. Both servers have it.
  'collation_connection = utf8mb4_bin',
].join(', ');
/** In a comment that only MariaDB executes. */
const PINNED_MARIADB = '/*M! , check_constraint_checks = 1 */';

/**
 * The statements that begin every session. They set READ COMMITTED, UTC and strict mode, pin the server defaults that
 * change what a statement does, and end the transaction of a vanished client, so its locks don't last for hours.
 */
export function sessionSettings({ timeoutMs, lockWaitSeconds }: SessionOptions): readonly SessionStatement[] {
  return [
    { sql: 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE' },
    {
      sql: `SET ${PINNED}, ${lockWaits(lockWaitSeconds)}, ${idleLimits(timeoutMs)} ${PINNED_MARIADB}`,
    },
    // READ COMMITTED can't write a STATEMENT log. Without the privilege to change this, the server's own setting must
    // be right.
    { sql: "SET SESSION binlog_format = 'ROW'", optional: true },
  ];
}

/** Lock waits for rows, and for tables and the whole server. The servers' default for the latter is a day or a year. */
function lockWaits(seconds: number): string {
  return `innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds}`;
}

/** The statement that lets a session's transaction be idle for as long as a deadline of `timeoutMs` needs. */
export function longIdleSettings(timeoutMs: number): string {
  return `SET ${idleLimits(timeoutMs)}`;
}

/**
 * Assignments in a SET. MariaDB limits how long a transaction may be idle; both servers limit how long a session may.
 */
function idleLimits(timeoutMs: number): string {
  const seconds = Math.max(2, Math.ceil((2 * timeoutMs) / 1_000));
  const transactions = ['idle_transaction', 'idle_write_transaction', 'idle_readonly_transaction'];
  const limits = transactions.map((name) => `, ${name}_timeout = ${seconds}`).join(' ');
  return `wait_timeout = ${Math.max(IDLE_SESSION_SECONDS, seconds)} /*M! ${limits} */`;
}
