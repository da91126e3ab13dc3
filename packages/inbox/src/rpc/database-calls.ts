import { TxmsgError } from '@txmsg/core';
import {
  type Database,
  type DatabaseMonitor,
  isLockWaitTimeout,
  openExport,
  type Queryable,
  type Snapshot,
  transactAgain,
} from '@txmsg/mysql';
import { failureKind, isContention } from '../store/failure-kind.js';
import { createKeyedTurns } from './keyed-turns.js';

/** The database as RPCs use it: while it is away they fail at once with UNAVAILABLE and a delay for the next try. */
export interface DatabaseCalls {
  /** Runs statements outside a transaction. */
  read<T>(work: (connection: Queryable) => Promise<T>): Promise<T>;
  /**
   * Runs one transaction, again when others were in the way. A few run at a time, since they may wait for somebody's lock
   * and the consumer needs connections, too; those of the same key one after the other.
   *
   * @param key of the row that they wait for, such as a product
   */
  change<T>(work: (tx: Queryable) => Promise<T>, key?: string): Promise<T>;
  /** Awaits work on the database that others do, and turns its failures into those of an RPC. */
  guard<T>(work: () => Promise<T>): Promise<T>;
  /** A view of one moment for an export. Its failures are those of an RPC; whoever opened it closes it. */
  openSnapshot(): Promise<Snapshot>;
}

const RETRY_DELAY_MS = 1_000;
const MAX_WAITING = 200;
/** A caller whose turn doesn't come below its usual deadline, 5 s, is told so. */
const TURN_MS = 4_500;
/** With the longest wait for a lock below the usual deadline of a caller, 5 s. */
const CONTENTION = { budgetMs: 1_000, isContention };

/** What calls work with. */
export interface DatabaseCallsOptions {
  /** Connections that changes may take. Default 3. */
  readonly maxChanges?: number;
  /** What callers are told is not available. Default `the database`. */
  readonly name?: string;
}

/** Makes the RPCs' side of a database. An outage that an RPC sees is told to the monitor. */
export function createDatabaseCalls(
  database: Database,
  monitor: DatabaseMonitor,
  { maxChanges = 3, name = 'the database' }: DatabaseCallsOptions = {},
): DatabaseCalls {
  const unavailable = (cause?: unknown) =>
    new TxmsgError('UNAVAILABLE', `${name} is not available`, {
      retryDelayMs: RETRY_DELAY_MS,
      ...(cause === undefined ? {} : { cause }),
    });
  const waiting = { maxWaiting: MAX_WAITING, waitMs: TURN_MS, refuse: () => unavailable() };
  // Who has met somebody's lock speaks for those who wait for the same row.
  const ofKey = createKeyedTurns<string>({ slots: 1, ...waiting, refusesAll: isContention });
  const ofAll = createKeyedTurns<'all'>({ slots: maxChanges, ...waiting });
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!monitor.available) throw unavailable();
    try {
      return await work();
    } catch (error) {
      const kind = failureKind(error);
      // A lock may be one of the whole server: worth a look.
      if (kind === 'outage' || isLockWaitTimeout(error)) monitor.reportOutage(error);
      throw kind === 'outage' || kind === 'contention' ? unavailable(error) : error;
    }
  };
  return {
    guard,
    openSnapshot: () => openExport(database, guard),
    read: (work) => guard(() => database.run(work)),
    change(work, key) {
      const run = () => ofAll('all', () => transactAgain(database, CONTENTION, work));
      return guard(() => (key === undefined ? run() : ofKey(key, run)));
    },
  };
}
