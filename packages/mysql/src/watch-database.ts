import type { Logger } from '@txmsg/core';
import { createDatabase, type Database, type DatabaseOptions } from './database.js';
import { createDatabaseMonitor, type DatabaseMonitor } from './database-monitor.js';
import type { MySqlTable } from './drizzle.js';
import { createServerCheck } from './server-check.js';
import { UnfitServerError } from './unfit-server.js';

/** The least that MySQL knows. A lock kept for longer belongs to a session that is stuck or gone, or to a backup. */
const LOCK_WAIT_SECONDS = 1;

/** The part of a service's settings that is about its database. */
export interface DatabaseConfig {
  readonly dbUrl: string;
  readonly dbConnections: number;
  readonly dbTimeoutMs: number;
}

/** What a service expects of its database, and what it does when that changes. */
export interface WatchedDatabaseOptions extends Pick<DatabaseOptions, 'probes' | 'writeProbe'> {
  /** How log lines speak of it: `order` gives `the order database`. */
  readonly name: string;
  /** What an outage means for the service, for its log line, such as `receiving stops`. */
  readonly whileAway?: string;
  /** Tables that must be there. */
  readonly tables: readonly MySqlTable[];
  /** Columns as `table.column` that a later migration adds; the schema before it passes, too. */
  readonly optionalColumns: readonly string[];
  readonly logger: Logger;
  /** Runs after each check that passed, at the start and at each ping. When it fails, the check or ping has failed. */
  onReady(): Promise<void>;
  /** Called at each change, after it is logged; `error` is set when the database went down. */
  onChange(available: boolean, error?: unknown): void;
}

/** A service's database, and who looks whether it can be used. Its opener closes the database. */
export interface WatchedDatabase {
  readonly database: Database;
  readonly monitor: DatabaseMonitor;
  /**
   * Looks once, for the start. A database that can't be reached counts as down, and the monitor goes on asking.
   *
   * @throws UnfitServerError when the database is there and can't be used as it is
   */
  look(): Promise<void>;
}

/** Opens a service's database, checks it at the start and at each ping, and logs what changes. */
export function watchDatabase(config: DatabaseConfig, options: WatchedDatabaseOptions): WatchedDatabase {
  const { name, whileAway, logger, onReady, onChange } = options;
  const isAway = `${name} database is away${whileAway === undefined ? '' : `: ${whileAway}`}`;
  const database = openDatabase(config, options);
  const check = createServerCheck(
    database,
    options.tables,
    (error) => logger.error({ faults: error.faults }, `the ${name} database can not be used as it is`),
    options.optionalColumns,
  );
  const monitor = createDatabaseMonitor(database, {
    async onPing() {
      await check.runAndTell();
      await onReady();
    },
    onChange(available, error) {
      if (available) logger.info({}, `${name} database is back`);
      else if (!(error instanceof UnfitServerError)) logger.error({ err: error }, isAway);
      onChange(available, error);
    },
  });
  return {
    database,
    monitor,
    async look() {
      try {
        await check.run();
        await onReady();
      } catch (error) {
        if (error instanceof UnfitServerError) throw error;
        monitor.reportOutage(error);
      }
    },
  };
}

function openDatabase(
  { dbUrl, dbConnections, dbTimeoutMs }: DatabaseConfig,
  { name, logger, probes, writeProbe }: WatchedDatabaseOptions,
): Database {
  return createDatabase({
    url: dbUrl,
    connections: dbConnections,
    timeoutMs: dbTimeoutMs,
    lockWaitSeconds: LOCK_WAIT_SECONDS,
    ...(probes && { probes }),
    ...(writeProbe && { writeProbe }),
    onServerChange: (server, before) =>
      logger.warn(
        { server, before },
        `the ${name} database is another server: connections to the one before are closed`,
      ),
  });
}
