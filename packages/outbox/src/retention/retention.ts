import { type Logger, sleep } from '@txmsg/core';
import {
  type Database,
  type DatabaseClock,
  inBatches,
  isOutage,
  isRetryable,
  type Queryable,
} from '@txmsg/mysql';
import type { Watermark } from '../claim/watermark.js';
import { purgeMarkers, purgeSettled } from '../store/retention.js';
import type { OutboxTables } from '../store/tables.js';

/** How the outbox forgets what is settled. */
export interface RetentionOptions {
  readonly database: Database;
  readonly tables: OutboxTables;
  readonly clock: DatabaseClock;
  readonly watermark: Watermark;
  readonly logger: Logger;
  /** Rows younger than this stay, in milliseconds. */
  readonly retentionMs: number;
  /** Pause between looks, in milliseconds. */
  readonly retentionEveryMs: number;
}

const BATCH = 500;

/**
 * Purges settled rows of the outbox, and markers, that are older than the retention time, until the signal is aborted.
 * Several replicas share the work: each batch is locked rows that the others skip.
 */
export async function runRetention(options: RetentionOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const purged = await purgeOnce(options, signal);
      if (purged > 0) options.logger.info({ purged }, 'purged settled rows');
    } catch (error) {
      const level = isOutage(error) || isRetryable(error) ? 'debug' : 'error';
      options.logger[level]({ err: error }, 'purge failed; the next one follows');
    }
    await sleep(options.retentionEveryMs * (0.75 + 0.5 * Math.random()), signal);
  }
}

/** Purges all that is old enough now, in batches. Returns how many rows. */
export async function purgeOnce(
  { database, tables, clock, watermark, retentionMs }: Omit<RetentionOptions, 'logger' | 'retentionEveryMs'>,
  signal: AbortSignal,
): Promise<number> {
  const before = new Date(clock.nowMs() - retentionMs);
  const inTransactions = (purge: (tx: Queryable) => Promise<number>) =>
    inBatches(BATCH, () => database.transact(purge), signal);
  const settled = await inTransactions((tx) => purgeSettled(tx, tables, before, BATCH));
  // A group's rows carry its create time: what is older than the oldest unsettled row has no unsettled row.
  const oldest = await watermark(clock.nowMs());
  if (oldest === undefined) return settled;
  const markersBefore = oldest < before ? oldest : before;
  return settled + (await inTransactions((tx) => purgeMarkers(tx, tables, markersBefore, BATCH)));
}
