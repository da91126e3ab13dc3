import { setImmediate as nextTurn } from 'node:timers/promises';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import type { RelayService } from '@txmsg/contracts';
import { TransactionResolution } from '@txmsg/contracts/relay';
import { createQuietLog, type Logger } from '@txmsg/core';
import type { ClientPool } from '@txmsg/grpc';
import type { Verdict } from '../domain/verdict.js';

/** A half message to send for a group. */
export interface HalfMessage {
  readonly transactionId: string;
  readonly createTimeMs: number;
  readonly body: Buffer;
  readonly txNos: readonly string[];
}

/**
 * A half message under way: its handle when it is on the broker, UNSENT when it certainly isn't, UNKNOWN when the answer
 * was lost (its check-back decides then).
 */
export type PreparedHalf = Promise<Uint8Array | 'UNSENT' | 'UNKNOWN'>;

/** The order service's side of the relay. Nothing here is ever waited for by a caller, and nothing rejects. */
export interface RelayLink {
  /** False when no half message can be sent now: no relay can be reached, or too much is under way. */
  readonly available: boolean;
  /** Sends a half message, made at the next turn of the event loop: what the caller has begun goes first. */
  prepare(make: () => HalfMessage): PreparedHalf;
  /** Ends it. A failure is left to the broker's check-back. */
  end(half: PreparedHalf, verdict: Exclude<Verdict, 'UNKNOWN'>): Promise<void>;
  /** Waits until nothing is under way. */
  drain(): Promise<void>;
}

/** How the relay is used. */
export interface RelayLinkOptions {
  readonly participant: string;
  readonly topic: string;
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
  const { participant, topic, maxInFlight, logger } = options;
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
      const { transactionId, createTimeMs, body, txNos } = make();
      const createTime = {
        seconds: BigInt(Math.floor(createTimeMs / 1000)),
        nanos: (createTimeMs % 1000) * 1e6,
      };
      const request = { participant, transactionId, topic, body, txNos: [...txNos], createTime };
      const { handle } = await pool.call((relay) => relay.prepareTransaction(request));
      return handle;
    } catch (error) {
      logger.debug({ err: error }, 'half message not sent; the outbox will publish');
      const code = (error as ServiceError).code;
      if (code === Code.DEADLINE_EXCEEDED) return 'UNKNOWN';
      // The pool's own refusal is no number: no relay can be reached.
      if (code === undefined || (typeof code === 'number' && !EXPECTED.has(code)))
        tellUnexpected({ err: error }, 'the relay refuses half messages; orders wait for the outbox');
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
    prepare: (make) => track(prepare(make)),
    end: (half, verdict) => track(end(half, verdict)),
    async drain() {
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
    },
  };
}
