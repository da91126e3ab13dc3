import { type Logger, type QuietLog, sleep } from '@txmsg/core';
import { type Database, inBatches, type Queryable } from '@txmsg/mysql';
import { maxFloorStepMs } from '../domain/next-floor.js';
import type { RaisedFloor } from '../store/floor.js';
import type { InboxStore } from '../store/inbox-store.js';

/** How forgetting is done. */
export interface RetentionOptions {
  readonly database: Database;
  readonly store: InboxStore;
  readonly logger: Logger;
  /** Name of this instance for the lease, unique. */
  readonly owner: string;
  /** How long transactions are remembered at least, in milliseconds. */
  readonly retentionMs: number;
  /** Between two rounds, in milliseconds. */
  readonly intervalMs: number;
  /** Rows per statement. */
  readonly batchSize: number;
  /** Tells of a participant that holds retention back and never reports. */
  readonly unknownParticipant: QuietLog;
}

const LEASE_NAME = 'retention';
const LEASE_MS = 30_000;
const HELD_BACK_MS = 24 * 3_600_000;
/** A new participant's first report comes within seconds. */
const FIRST_REPORT_MS = 600_000;
const NAMES_TOLD = 10;

/** Runs a round every `intervalMs` until the signal is aborted. A failed round is logged and left to the next. */
export async function runRetentionLoop(options: RetentionOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await runRetentionRound(options, signal);
    } catch (error) {
      options.logger.warn({ err: error }, 'retention round failed');
    }
    await sleep(options.intervalMs, signal);
  }
}

/**
 * One round: raises the floor, then forgets what is below it, in small batches. Does nothing while another instance
 * holds the lease.
 *
 * @returns records forgotten
 */
export async function runRetentionRound(options: RetentionOptions, signal: AbortSignal): Promise<number> {
  const { database, store, retentionMs, intervalMs, batchSize } = options;
  const limits = { retentionMs, maxStepMs: maxFloorStepMs(intervalMs) };
  if (!(await renewLease(options))) return 0;
  const raised = await database.transact((tx) => store.floor.raise(tx, limits));
  if (raised.awaited.some(({ seenMs }) => seenMs === undefined)) {
    await database.run((connection) => store.watermarks.noteFirstSeen(connection));
  }
  warnWhenHeldBack(options, raised);
  tellOfUnknown(options, raised);
  const forget = (purge: (connection: Queryable) => Promise<number>) =>
    inBatches(
      batchSize,
      () => database.run(purge),
      signal,
      () => renewLease(options),
    );
  const purged = await forget((connection) => store.records.purge(connection, raised.floorMs, batchSize));
  await forget((connection) => store.deadLetters.purge(connection, retentionMs, batchSize));
  await forget((connection) => store.watermarks.purge(connection, retentionMs, batchSize));
  if (purged > 0)
    options.logger.info({ purged, floor: new Date(raised.floorMs) }, 'old transactions forgotten');
  return purged;
}

function renewLease({ database, store, owner }: RetentionOptions): Promise<boolean> {
  return database.run((connection) => store.takeLease(connection, LEASE_NAME, owner, LEASE_MS));
}

function warnWhenHeldBack(
  { logger, retentionMs }: RetentionOptions,
  { floorMs, nowMs, oldest }: RaisedFloor,
) {
  if (!oldest || nowMs - retentionMs - floorMs < HELD_BACK_MS) return;
  logger.warn(
    { participant: oldest.participant, oldestUnsettled: new Date(oldest.oldestUnsettledMs) },
    'a participant holds retention back: it has old unsettled transactions, or its relay does not report',
  );
}

/** A name that no relay reports may be a slip: its messages are applied, but old records are kept for it meanwhile. */
function tellOfUnknown(
  { unknownParticipant, retentionMs }: RetentionOptions,
  { awaited, nowMs }: RaisedFloor,
) {
  const overdue = awaited.filter(
    ({ seenMs = nowMs }) => nowMs - seenMs > Math.min(FIRST_REPORT_MS, retentionMs / 10),
  );
  if (overdue.length === 0) return;
  const participants = overdue.slice(0, NAMES_TOLD).map(({ participant }) => participant);
  unknownParticipant(
    { alarm: 'UNKNOWN_PARTICIPANT', participants, unknown: overdue.length },
    'participants whose relays never report hold retention back, for one retention time at most',
  );
}
