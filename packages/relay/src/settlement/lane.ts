import { type Backoff, backoffDelayMs, createQuietLog, failpoint, type Logger, sleep } from '@txmsg/core';
import type { Subscriber } from '@txmsg/rocketmq';
import { judgeFailure } from './judge-failure.js';
import { type OutcomeGroup, type SettleOptions, settle } from './settle.js';

/** What a lane works with. */
export interface LaneOptions extends Omit<SettleOptions, 'warnRefused'> {
  readonly participant: string;
  readonly subscriber: Subscriber;
  /** Groups in hand at most. */
  readonly maxInHand: number;
  /** Aborted when it must stop trying. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Brings outcomes to one participant. What it waits for, or fails at, is no other lane's concern. */
export interface Lane {
  /** It has as many groups in hand as it takes. */
  readonly full: boolean;
  /** The participant could not be reached when it was last called. */
  readonly failing: boolean;
  /**
   * Settles a group and acks its messages, except those with an unsettled outcome. While the participant is
   * unreachable, it tries again with backoff, until `untilMs` of the monotonic clock or the abort. What is left then
   * comes again. Never rejects.
   */
  take(group: OutcomeGroup, untilMs: number): Promise<void>;
  /** Resolves when nothing is in hand. */
  idle(): Promise<void>;
}

const BACKOFF: Backoff = { initialMs: 200, maxMs: 5_000 };

/** Makes the lane of a participant. */
export function createLane(options: LaneOptions): Lane {
  const { participant, logger, counters, subscriber, maxInHand, signal } = options;
  const inHand = new Set<Promise<void>>();
  const warnStuck = createQuietLog(logger, 'warn');
  const warnLocked = createQuietLog(logger, 'warn');
  const settleOptions = { ...options, warnRefused: createQuietLog(logger, 'warn') };
  let failing = false;

  const ack = async ({ batches }: OutcomeGroup, unsettled: ReadonlySet<string>) => {
    const isDone = ({ results }: (typeof batches)[number]) =>
      unsettled.size === 0 || !results.some(({ txNo }) => unsettled.has(txNo));
    const done = batches.filter(isDone).map(({ message }) => message);
    const { failed } = await subscriber.ack(done);
    counters.add('result_messages_acked', done.length - failed.length);
    counters.add('result_messages_left', batches.length - done.length);
    if (failed.length > 0)
      logger.debug({ failed: failed.length }, 'outcomes come again, as their ack failed');
  };

  const trySettling = async (group: OutcomeGroup): Promise<boolean> => {
    try {
      const { all, left } = await settle(group, settleOptions);
      if (failing) logger.info({ participant }, 'outcomes are taken again');
      failing = false;
      if (left.length > 0) {
        const fields = { participant, unsettled: left.length, txNos: left.slice(0, 3) };
        warnLocked(fields, 'transactions can not be settled now, perhaps locked; their outcomes come again');
      }
      await failpoint('relay.settled');
      await ack(group, all);
      return true;
    } catch (error) {
      failing = judgeFailure(error) === 'outage';
      const fields = { err: error, participant, messages: group.batches.length };
      warnStuck(fields, 'settlement is stuck: a participant takes no outcomes; they come again');
      return !failing;
    }
  };

  const work = async (group: OutcomeGroup, untilMs: number) => {
    for (let attempt = 1; !(await trySettling(group)); attempt += 1) {
      const pauseMs = backoffDelayMs(attempt, BACKOFF);
      if (signal.aborted || performance.now() + pauseMs > untilMs) {
        counters.add('result_messages_left', group.batches.length);
        return;
      }
      await sleep(pauseMs, signal);
    }
  };

  return {
    get full() {
      return inHand.size >= maxInHand;
    },
    get failing() {
      return failing;
    },
    take(group, untilMs) {
      const working = work(group, untilMs).finally(() => inHand.delete(working));
      inHand.add(working);
      return working;
    },
    idle: async () => void (await Promise.all(inHand)),
  };
}
