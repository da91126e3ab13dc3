export { SessionRefusedError } from './begin-session.js';
export { type ColumnWatch, createColumnWatch } from './column-watch.js';
export { asciiKey, mediumBlob, unicodeText, utcTime } from './columns.js';
export {
  createDatabase,
  type Database,
  type DatabaseOptions,
  type FirstStatements,
} from './database.js';
export { createDatabaseClock, type DatabaseClock } from './database-clock.js';
export { createDatabaseMonitor, type DatabaseMonitor } from './database-monitor.js';
export {
  CommitBlockedError,
  CommitInDoubtError,
  isDeadlock,
  isDuplicateKey,
  isLockWait,
  isLockWaitTimeout,
  isNotWritable,
  isOutage,
  isRetryable,
  isSaturated,
  mysqlErrorNumber,
  PoolExhaustedError,
  TransactionTimeoutError,
} from './errors.js';
export type { Queryable } from './held-connection.js';
export { inBatches } from './in-batches.js';
export { type LentClient, type LentConnection, lendConnection } from './lent-connection.js';
export { textLiteral, textLiterals, timeLiteral, timeText } from './literals.js';
export { migrateDatabase } from './migrations/migrate-database.js';
export { migrationFailure } from './migrations/migration-failure.js';
export { MigrationUnderWayError } from './migrations/migration-lease.js';
export { MigrationBlockedError } from './migrations/run-statement.js';
export { openExport } from './open-export.js';
export { decodePageToken, encodePageToken } from './page-token.js';
export { createServerCheck, type ServerCheck } from './server-check.js';
export type { Snapshot } from './snapshot.js';
export { type SnapshotPages, snapshotPages } from './snapshot-pages.js';
export { changeRows, formatted, selectRows, timeMs } from './statements.js';
export { type TransactAgainOptions, transactAgain } from './transact-again.js';
export { UnfitServerError } from './unfit-server.js';
export {
  type DatabaseConfig,
  type WatchedDatabase,
  type WatchedDatabaseOptions,
  watchDatabase,
} from './watch-database.js';
