import { createWaiters, TxmsgError } from '@txmsg/core';
import type { DatabaseMonitor } from '@txmsg/mysql';
import { createOutcomeWatcher } from '../settle/outcome-watcher.js';
import { readKnown, type Settlement } from '../store/settlement.js';
import type { OutboxTables } from '../store/tables.js';
import { type FindExistingOptions, findExisting } from './find-existing.js';
import { runTransaction, type TransactionRunnerOptions, type TransactionWork } from './transaction.js';

/** The path of the service's own local transactions. */
export interface TransactionPath {
  /**
   * Runs `work` and its messages in one local transaction. `work` may run again after a deadlock or a fence, so it has no
   * effects outside. Statements that would end the transaction are refused.
   *
   * @throws TxmsgError ALREADY_EXISTS when a tx_no exists: the earlier transaction stands, and this work is rolled back
   *   (reason TX_NO_EXISTS when all of its messages exist with the same content, else TX_NO_CONTENT_MISMATCH);
   *   DEADLINE_EXCEEDED when `work` takes too long; CANCELLED when the signal is aborted; UNAVAILABLE while the database is
   *   away or this instance is stopping; or what `work` throws
   */
  transaction<T>(work: TransactionWork<T>, options?: { readonly signal?: AbortSignal }): Promise<T>;
  /** The outcome of a transaction; undefined when the signal is aborted, or the outbox has ended, first. */
  settled(txNo: string, signal: AbortSignal): Promise<TransactionOutcome | undefined>;
}

/** What became of a transaction. */
export interface TransactionOutcome {
  readonly txNo: string;
  /** Undefined when a replica of an earlier version has settled it: it did not keep the outcome. */
  readonly outcome: Settlement['outcome'] | undefined;
  readonly reason: string;
}

/** What the path is made of. */
export interface TransactionPathOptions
  extends Omit<TransactionRunnerOptions, 'findExisting'>,
    FindExistingOptions {
  readonly tables: OutboxTables;
  readonly columns: { readonly present: boolean };
  readonly monitor: Pick<DatabaseMonitor, 'available'>;
  /** Pause between looks for outcomes that another replica has settled, in milliseconds. */
  readonly watchPollMs: number;
}

/** Makes the path; what the outbox does with it is in `running`. */
export function createTransactionPath(options: TransactionPathOptions) {
  const { database, tables, columns, logger, watchPollMs } = options;
  const runner = { ...options, findExisting: findExisting.bind(undefined, options) };
  const watcher = createOutcomeWatcher({
    database,
    logger,
    pollMs: watchPollMs,
    find: (db, txNos) => readKnown(db, tables, txNos, columns.present),
    isSettled: ({ state }) => state === 'SETTLED',
  });
  const idle = createWaiters();
  let underWay = 0;
  let stopped = false;
  const path: TransactionPath = {
    async transaction(work, { signal } = {}) {
      if (stopped) throw new TxmsgError('UNAVAILABLE', 'this instance is stopping', { retryDelayMs: 100 });
      if (!options.monitor.available) throw unavailable();
      if (!columns.present) throw missingColumns(tables);
      underWay += 1;
      try {
        return await runTransaction(runner, work, signal);
      } finally {
        underWay -= 1;
        if (underWay === 0) idle.wake();
      }
    },
    async settled(txNo, signal) {
      const known = await watcher.settled(txNo, signal);
      return known && { txNo, outcome: known.outcome ?? undefined, reason: known.reason ?? '' };
    },
  };
  const running = {
    onSettled: (txNos: readonly string[]) => watcher.notify(txNos),
    rejectAll: () => {},
    run: (signal: AbortSignal) => watcher.run(signal),
    stop: () => {
      stopped = true;
    },
    drain: async () => {
      while (underWay > 0) await idle.wait();
    },
  };
  return { ...path, running };
}

function unavailable(): TxmsgError {
  return new TxmsgError('UNAVAILABLE', 'the database cannot be reached; try again with the same tx_no', {
    retryDelayMs: 1_000,
  });
}

/** What a service is told that publishes by types on the schema before them. */
export function missingColumns({ logName }: OutboxTables): TxmsgError {
  return new TxmsgError(
    'FAILED_PRECONDITION',
    `messages of several types need columns that the table ${logName} lacks: run the migrations`,
  );
}
