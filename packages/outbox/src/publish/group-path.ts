import { TxmsgError } from '@txmsg/core';
import type { DatabaseMonitor } from '@txmsg/mysql';
import type { Keyed } from '../domain/resolve-duplicates.js';
import { createOutcomeWatcher } from '../settle/outcome-watcher.js';
import type { GroupDefinition } from './group-definition.js';
import { createGroupQueue, type GroupQueue, type GroupQueueLimits } from './group-queue.js';
import { createGroupWriter, type GroupWriterOptions } from './write-group.js';

/** How groups are formed, and how long callers wait. */
export interface GroupPathLimits extends GroupQueueLimits {
  /** How long callers may wait while nothing is committed, in milliseconds. */
  readonly answerWithinMs: number;
  /** Pause between looks for outcomes that another replica has settled, in milliseconds. */
  readonly watchPollMs: number;
}

/** The path of a group definition's rows. */
export interface GroupPath<Row, Stored> {
  /** Rows that wait for a group. */
  readonly length: number;
  /**
   * Writes a row in the next group; resolves as soon as it is durable, or with what exists when it is a retry.
   *
   * @throws TxmsgError UNAVAILABLE while the database is away or this instance is stopping; RESOURCE_EXHAUSTED when the
   *   queue is full; ALREADY_EXISTS when the tx_no exists with other content
   */
  submit(row: Row): Promise<Stored>;
  /** The row once it is settled; undefined when the signal is aborted, or the outbox has ended, first. */
  settled(txNo: string, signal: AbortSignal): Promise<Stored | undefined>;
  /** Resolves when a row would not be refused for a full queue, or when the signal is aborted. */
  hasRoom(signal: AbortSignal): Promise<void>;
}

/** What a path is made of besides its definition. */
export interface GroupPathOptions<Row extends Keyed, Stored extends Keyed, M>
  extends GroupPathLimits,
    Omit<GroupWriterOptions<Row, Stored, M>, 'definition' | 'onOutage' | 'isDatabaseThere'> {
  readonly monitor: Pick<DatabaseMonitor, 'available' | 'check' | 'reportOutage'>;
}

/** Makes the path; what the outbox does with it is in `running`. */
export function createGroupPath<Row extends Keyed, Stored extends Keyed, M>(
  definition: GroupDefinition<Row, Stored, M>,
  options: GroupPathOptions<Row, Stored, M>,
) {
  const { database, logger, monitor, refusals, watchPollMs } = options;
  const queue: GroupQueue<Row, Stored> = createGroupQueue(
    createGroupWriter({
      ...options,
      definition,
      onOutage: (error) => monitor.reportOutage(error),
      isDatabaseThere: () => monitor.check(),
    }),
    { ...options, sameContent: (row, other) => definition.sameContent(row, other) },
  );
  const watcher = createOutcomeWatcher({
    database,
    logger,
    pollMs: watchPollMs,
    find: (db, txNos) => definition.find(db, txNos),
    isSettled: (stored) => definition.isSettled(stored),
  });
  let stopped = false;
  const path: GroupPath<Row, Stored> = {
    get length() {
      return queue.length;
    },
    async submit(row) {
      if (stopped) throw new TxmsgError('UNAVAILABLE', 'this instance is stopping', { retryDelayMs: 100 });
      if (!monitor.available) throw refusals.unavailable(row.txNo);
      return queue.submit(row);
    },
    settled: (txNo, signal) => watcher.settled(txNo, signal),
    hasRoom: (signal) => queue.hasRoom(signal),
  };
  const running = {
    onSettled: (txNos: readonly string[]) => watcher.notify(txNos),
    rejectAll: (error: unknown) => queue.rejectAll(({ txNo }) => refusals.unavailable(txNo, error)),
    run: (signal: AbortSignal) => watcher.run(signal),
    stop: () => {
      stopped = true;
    },
    drain: () => queue.drain(),
  };
  return Object.assign(path, { running });
}
