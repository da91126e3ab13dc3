import type { EachLimits } from './consume/handlers.js';

/** Bounds and times of an inbox. */
export interface InboxLimits {
  /** Receives in parallel, per topic. */
  readonly receiveLoops: number;
  /** Messages that one receive takes, 32 at most. */
  readonly receiveMessages: number;
  /** How long a received message stays hidden from other consumers, in milliseconds; 10,000 at least. */
  readonly invisibleMs: number;
  /** Transactions in one local transaction of a group. */
  readonly maxTransactions: number;
  /** A message that has failed so often by its own fault becomes a dead letter. */
  readonly maxAttempts: number;
  /** Takes over what the broker puts to the group's dead-letter topic. */
  readonly drainDeadLetters: boolean;
  /** Between two looks for that topic while the broker has none, in milliseconds. */
  readonly deadLetterIntervalMs: number;
  /** How long transactions are remembered at least, in milliseconds. */
  readonly retentionMs: number;
  /** Between two rounds of forgetting, in milliseconds. */
  readonly retentionIntervalMs: number;
  /** Rows that one statement forgets. */
  readonly retentionBatch: number;
  /** Deadline of a local transaction of the database, in milliseconds. */
  readonly transactionMs: number;
}

const DEFAULTS: InboxLimits = {
  receiveLoops: 2,
  receiveMessages: 32,
  invisibleMs: 30_000,
  maxTransactions: 2_000,
  maxAttempts: 5,
  drainDeadLetters: true,
  deadLetterIntervalMs: 60_000,
  retentionMs: 7 * 24 * 3_600_000,
  retentionIntervalMs: 60_000,
  retentionBatch: 500,
  transactionMs: 5_000,
};

/** The limits with the defaults of those that are missing. */
export function completeLimits(limits: Partial<InboxLimits> = {}): InboxLimits {
  return { ...DEFAULTS, ...limits };
}

const EACH_DEFAULTS: Required<EachLimits> = { concurrency: 4, deadlineMs: 30_000 };

/**
 * The limits of a handler of single transactions with the defaults of those that are missing.
 *
 * @throws RangeError when one is below 1
 */
export function completeEachLimits(limits: EachLimits): Required<EachLimits> {
  const all = { ...EACH_DEFAULTS, ...limits };
  for (const [name, value] of Object.entries(all)) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1 on`);
  }
  return all;
}
