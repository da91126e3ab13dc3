import type { RelayService } from '@txmsg/contracts';
import { TransactionResolution } from '@txmsg/contracts/relay';
import type { ClientPool, Logger } from '@txmsg/service';
import type { Verdict } from '../domain/verdict.js';

/** A half message to send for a group. */
export interface HalfMessage {
  readonly transactionId: string;
  readonly createTimeMs: number;
  readonly body: Buffer;
  readonly txNos: readonly string[];
}

/** A half message under way or on the broker; undefined when it could not be sent. */
export type PreparedHalf = Promise<Uint8Array | undefined>;

/** The order service's side of the relay. Nothing here is ever waited for by a caller, and nothing rejects. */
export interface RelayLink {
  /** False when no half message can be sent now: no relay can be reached, or too much is under way. */
  readonly available: boolean;
  /** Sends a half message. */
  prepare(half: HalfMessage): PreparedHalf;
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
  async function prepare(half: HalfMessage): Promise<Uint8Array | undefined> {
    const createTime = {
      seconds: BigInt(Math.floor(half.createTimeMs / 1000)),
      nanos: (half.createTimeMs % 1000) * 1e6,
    };
    const { transactionId, body, txNos } = half;
    try {
      const request = { participant, transactionId, topic, body, txNos: [...txNos], createTime };
      const { handle } = await pool.call((relay) => relay.prepareTransaction(request));
      return handle;
    } catch (error) {
      logger.debug({ err: error, transactionId }, 'half message not sent; the outbox will publish');
      return undefined;
    }
  }
  async function end(half: PreparedHalf, verdict: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const handle = await half;
    if (!handle) return;
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
    prepare: (half) => track(prepare(half)),
    end: (half, verdict) => track(end(half, verdict)),
    async drain() {
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
    },
  };
}
