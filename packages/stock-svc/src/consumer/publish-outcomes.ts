import { PARTICIPANT_PROPERTY } from '@txmsg/contracts/message-properties';
import { TAKE_STOCK } from '@txmsg/contracts/messages';
import { encodeResults } from '@txmsg/contracts/results';
import { backoffDelayMs, type Logger, sleep } from '@txmsg/core';
import type { Publisher } from '@txmsg/rocketmq';
import type { Verdict } from '../domain/transaction.js';

/** Outcomes of one participant's transactions. */
export interface Outcomes {
  readonly participant: string;
  /** Verdicts by txNo; committed. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** How long it took at most from the birth of a message to its outcome, in milliseconds; only first deliveries tell. */
  readonly deliveryLagMs?: number;
}

/** Where outcomes go. */
export interface OutcomePublisher {
  /**
   * Publishes outcomes, with a few retries.
   *
   * @returns false when not all of them are on the broker: don't ack, the redelivery repeats them
   */
  publish(outcomes: Outcomes): Promise<boolean>;
}

const ATTEMPTS = 3;
const BACKOFF = { initialMs: 100, maxMs: 1_000 };

/** Makes an outcome publisher for a NORMAL topic; the outcomes are those of `consumer`. */
export function createOutcomePublisher(
  publisher: Publisher,
  topic: string,
  consumer: string,
  logger: Logger,
): OutcomePublisher {
  const send = async (participant: string, body: Buffer): Promise<boolean> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await publisher.send({ topic, body, keys: [], properties: { [PARTICIPANT_PROPERTY]: participant } });
        return true;
      } catch (error) {
        logger.warn({ err: error, participant, attempt }, 'outcomes could not be published');
        if (attempt === ATTEMPTS) return false;
        await sleep(backoffDelayMs(attempt, BACKOFF));
      }
    }
  };
  return {
    async publish({ verdicts, ...rest }) {
      const bodies = encodeResults({ ...rest, outcomes: verdicts, consumer, type: TAKE_STOCK });
      const sent = await Promise.all(bodies.map((body) => send(rest.participant, body)));
      return sent.every(Boolean);
    },
  };
}
