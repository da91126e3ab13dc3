import { setImmediate as nextTurn } from 'node:timers/promises';
import { status as Code } from '@grpc/grpc-js';
import type { RelayService } from '@txmsg/contracts';
import { TransactionResolution } from '@txmsg/contracts/relay';
import { createQuietLog, type Logger, TxmsgError } from '@txmsg/core';
import { type ClientPool, encodeTimestamp, statusOf } from '@txmsg/grpc';
import type { Verdict } from '../domain/verdict.js';

/** A half message to send: of one type, for an attempt at a local transaction. */
export interface HalfMessage {
  readonly transactionId: string;
  readonly createTimeMs: number;
  readonly topic: string;
  readonly type: string;
  readonly body: Buffer;
  readonly txNos: readonly string[];
}

/**
 * A half message under way: its handle when it is on the broker, UNSENT when it certainly isn't, UNKNOWN when the answer
 * was lost (its check-back decides then).
 */
export type PreparedHalf = Promise<Uint8Array | 'UNSENT' | 'UNKNOWN'>;

/** A participant's side of the relay. No caller ever waits for anything here, and nothing rejects. */
export interface RelayLink {
  /** False when no half message can be sent now: no relay can be reached, or too much is under way. */
  readonly available: boolean;
  /** Makes and sends a half message at the next turn of the event loop: what its caller has begun goes first. */
  prepareNextTurn(make: () => HalfMessage): PreparedHalf;
  /** Ends it. A failure is left to the broker's check-back. */
  end(half: PreparedHalf, verdict: Exclude<Verdict, 'UNKNOWN'>): Promise<void>;
  /** Waits until nothing is under way. */
  drain(): Promise<void>;
}

/** How the relay is used. */
export interface RelayLinkOptions {
  readonly participant: string;
  /** Half messages under way at most; beyond it the outbox publishes. */
  readonly maxInFlight: number;
  readonly logger: Logger;
}

/** What a relay answers when it or the broker is away or full; anything else is a fault of the configuration. */
const EXPECTED: ReadonlySet<number> = new Set([Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.CANCELLED]);
const TELL_EVERY_MS = 10_000;

const RESOLUTIONS = { COMMIT: TransactionResolution.COMMIT, ROLLBACK: TransactionResolution.ROLLBACK };

/** Makes the link; the pool stays the caller's to close, after `drain`. */
export function createRelayLink(pool: ClientPool<typeof RelayService>, options: RelayLinkOptions): RelayLink {
  const { participant, maxInFlight, logger } = options;
  const underWay = new Set<Promise<unknown>>();
  const track = <T>(promise: Promise<T>): Promise<T> => {
    underWay.add(promise);
    void promise.finally(() => underWay.delete(promise));
    return promise;
  };
  const tellUnexpected = createQuietLog(logger, 'error', TELL_EVERY_MS);
  async function prepare(make: () => HalfMessage): PreparedHalf {
    await nextTurn();
    try {
      const { createTimeMs, txNos, ...half } = make();
      const createTime = encodeTimestamp(new Date(createTimeMs));
      const request = { ...half, participant, txNos: [...txNos], createTime };
      const { handle } = await pool.call((relay) => relay.prepareTransaction(request));
      return handle;
    } catch (error) {
      logger.debug({ err: error }, 'half message not sent; the outbox will publish');
      const status = statusOf(error);
      if (status === Code.DEADLINE_EXCEEDED) return 'UNKNOWN';
      // A TxmsgError is the pool's own refusal: no relay can be reached.
      if (!(error instanceof TxmsgError) && (status === undefined || !EXPECTED.has(status)))
        tellUnexpected({ err: error }, 'the relay refuses half messages; transactions wait for the outbox');
      return 'UNSENT';
    }
  }
  async function end(half: PreparedHalf, verdict: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const handle = await half;
    if (typeof handle === 'string') return;
    try {
      await pool.call((relay) => relay.endTransaction({ handle, resolution: RESOLUTIONS[verdict] }));
    } catch (error) {
      logger.debug({ err: error, verdict }, 'half message not ended; the check-back will decide');
    }
  }
  return {
    get available() {
      return pool.available && underWay.size < maxInFlight;
    },
    prepareNextTurn: (make) => track(prepare(make)),
    end: (half, verdict) => track(end(half, verdict)),
    async drain() {
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
    },
  };
}
