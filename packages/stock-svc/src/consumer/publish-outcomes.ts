import { backoffDelayMs, type Logger, sleep } from '@txmsg/core';
import type { Publisher } from '@txmsg/rocketmq';
import { PARTICIPANT_PROPERTY } from './delivery.js';
import { type Outcomes, resultBodies } from './result-bodies.js';

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

/** Makes an outcome publisher for a NORMAL topic. */
export function createOutcomePublisher(
  publisher: Publisher,
  topic: string,
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
    async publish(outcomes) {
      const sent = await Promise.all(resultBodies(outcomes).map((body) => send(outcomes.participant, body)));
      return sent.every(Boolean);
    },
  };
}
