import { PARTICIPANT_PROPERTY } from '@txmsg/contracts/message-properties';
import { encodeResults, type Outcomes } from '@txmsg/contracts/results';
import { backoffDelayMs, type Logger, sleep } from '@txmsg/core';
import type { Publisher } from '@txmsg/rocketmq';
import type { Decision } from '../domain/transaction.js';
import type { Delivery } from './delivery.js';

/** Where outcomes go. */
export interface OutcomePublisher {
  /**
   * Publishes outcomes, with a few retries.
   *
   * @returns false when not all of them are on the broker: don't ack, the redelivery repeats them
   */
  publish(outcomes: Outcomes): Promise<boolean>;
}

/** Outcomes of transactions by their message type, and by txNo in each. */
export type OutcomesByType = ReadonlyMap<string, ReadonlyMap<string, Decision>>;

const ATTEMPTS = 3;
const BACKOFF = { initialMs: 100, maxMs: 1_000 };

/**
 * Makes an outcome publisher for a NORMAL topic.
 *
 * @param consumer the name that results carry
 */
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
    async publish(outcomes) {
      const bodies = encodeResults({ consumer, ...outcomes });
      const sent = await Promise.all(bodies.map((body) => send(outcomes.participant, body)));
      return sent.every(Boolean);
    },
  };
}

/** A delivery with the outcomes that are to be reported of it. */
export interface ToReport {
  readonly delivery: Pick<Delivery, 'participant' | 'attempt' | 'bornTimeMs'>;
  readonly judgement: { readonly outcomes: OutcomesByType };
}

/**
 * Publishes the outcomes of deliveries, those of one participant and type together.
 *
 * @returns the participants for which it failed
 */
export async function publishOutcomes(
  publisher: OutcomePublisher,
  deliveries: readonly ToReport[],
): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  const byParticipant = Map.groupBy(deliveries, ({ delivery }) => delivery.participant);
  await Promise.all(
    [...byParticipant].map(async ([participant, ofOne]) => {
      if (participant === '') return;
      const lag = deliveryLagMs(ofOne);
      const rest = { participant, ...(lag === undefined ? {} : { deliveryLagMs: lag }) };
      const published = await Promise.all(
        [...merged(ofOne)].map(([type, outcomes]) => publisher.publish({ ...rest, type, outcomes })),
      );
      if (!published.every(Boolean)) failed.add(participant);
    }),
  );
  return failed;
}

function merged(deliveries: readonly ToReport[]): OutcomesByType {
  const [first] = deliveries;
  if (first && deliveries.length === 1) return first.judgement.outcomes;
  const all = new Map<string, Map<string, Decision>>();
  for (const { judgement } of deliveries) {
    for (const [type, outcomes] of judgement.outcomes) {
      const others = all.get(type);
      if (others === undefined) all.set(type, new Map(outcomes));
      else for (const [txNo, decision] of outcomes) others.set(txNo, decision);
    }
  }
  return all;
}

/**
 * The shortest time from the birth of a first delivery until now, when its outcome is there: what a publication takes at
 * present. An older message may tell of an outage that is over, as a redelivery does.
 */
function deliveryLagMs(deliveries: readonly ToReport[]): number | undefined {
  const nowMs = Date.now();
  const lags = deliveries
    .filter(({ delivery: { attempt, bornTimeMs } }) => attempt === 1 && bornTimeMs > 0)
    .map(({ delivery: { bornTimeMs } }) => Math.max(0, nowMs - bornTimeMs));
  return lags.length === 0 ? undefined : Math.min(...lags);
}
