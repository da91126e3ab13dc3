import { createTurns, failpoint, type Logger, type QuietLog } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import type { Counters } from '../counters.js';
import type { NewDeadLetter } from '../dead-letters/letter-form.js';
import { storeLetters } from '../dead-letters/store-letters.js';
import type { Verdict } from '../domain/transaction.js';
import { findTransactions } from '../store/find-transactions.js';
import { applyDeliveries, type DeliveryResult } from './apply-deliveries.js';
import type { ApplyGroup } from './apply-group.js';
import { countResults } from './count-results.js';
import { type DecodedBody, decodeDelivery } from './decode-delivery.js';
import type { Delivery } from './delivery.js';
import type { FailureCounts } from './failure-counts.js';
import { type Judgement, judgeDelivery } from './judge-delivery.js';
import type { KnownParticipants } from './known-participants.js';
import type { OutcomePublisher } from './publish-outcomes.js';

const TX_NOS_TOLD = 10;

/** What handling works with. */
export interface HandlerParts {
  readonly database: Database;
  readonly applyGroup: ApplyGroup;
  readonly outcomes: OutcomePublisher;
  readonly participants: KnownParticipants;
  readonly counters: Counters;
  readonly logger: Logger;
  /** Transactions at most in one local transaction. */
  readonly maxTransactions: number;
  /** A message that has failed so often by its own fault becomes a dead letter. */
  readonly maxAttempts: number;
  readonly failures: FailureCounts;
  /** Tells of transactions that are refused because they are older than what is remembered. */
  readonly belowFloor: QuietLog;
  /** Tells of messages whose participant can't be one: no outcome is reported for them. */
  readonly badParticipant: QuietLog;
  /** Told of an outage that was met after others of the same deliveries were handled. */
  readonly reportOutage: (error: unknown) => void;
}

/** A delivery with what its body holds, or with what is left of that. */
export interface DecodedDelivery {
  readonly delivery: Delivery;
  readonly decoded: DecodedBody;
}

/** A delivery that was handled. */
export interface Handled extends DecodedDelivery {
  readonly result: DeliveryResult;
  readonly judgement: Judgement;
  /** All is committed, on record or in the dead letters, and reported: ack it. */
  readonly done: boolean;
  /** Its outcomes could not be published: the broker needs a pause. */
  readonly unpublished: boolean;
}

/**
 * Handles deliveries together: decodes them, applies their transactions, publishes the verdicts, and puts to the dead
 * letters what can't be handled. Only verdicts that were committed, or read from committed rows, are published. A letter
 * that can't be stored leaves its own delivery undone and no other.
 *
 * @returns one for each delivery, in their order
 * @throws on an outage, or another failure that no delivery has caused: ack none of them
 */
export async function handleDeliveries(
  parts: HandlerParts,
  deliveries: readonly Delivery[],
): Promise<Handled[]> {
  const receivedMs = Date.now();
  tellBadParticipant(parts, deliveries);
  const decoded: DecodedDelivery[] = [];
  const turns = createTurns();
  for (const delivery of deliveries) {
    const turn = turns();
    if (turn) await turn;
    decoded.push({ delivery, decoded: decodeDelivery(delivery, receivedMs) });
  }
  return handleDecoded(parts, decoded);
}

/** Handles deliveries that are decoded; what `handleDeliveries` does with them. */
export async function handleDecoded(
  parts: HandlerParts,
  deliveries: readonly DecodedDelivery[],
): Promise<Handled[]> {
  await parts.participants.see(deliveries.map(({ delivery }) => delivery.participant));
  const results = await applyDeliveries(
    parts.applyGroup,
    deliveries.map(({ delivery: { participant }, decoded: { transactions } }) => ({
      participant,
      transactions,
    })),
    parts.maxTransactions,
  );
  const recorded = await findRecorded(
    parts.database,
    deliveries.map(({ decoded }) => decoded),
  );
  const judged = deliveries.map(({ delivery, decoded }, index) => {
    const result = results[index] as DeliveryResult;
    const lastAttempt = isLastAttempt(parts, delivery, result);
    const { participant } = delivery;
    const judgement = judgeDelivery({ decoded, participant, result, recorded, lastAttempt });
    return { delivery, decoded, result, judgement };
  });
  countResults(parts.counters, results);
  tellBelowFloor(parts, results);
  const reported = await publishAll(parts.outcomes, judged);
  await failpoint('stock.after-publish');
  const buried = await bury(parts, judged);
  const handled = judged.map((one) => {
    const unpublished = reported.failed.has(one.delivery.participant);
    const done = !one.judgement.tryAgain && !unpublished && buried.settled(one.delivery);
    return { ...one, unpublished, done };
  });
  if (buried.outage === undefined) return handled;
  if (!handled.some(({ done }) => done)) throw buried.outage;
  parts.reportOutage(buried.outage);
  return handled;
}

/** Counts failures and not deliveries: those of an outage are not the message's fault. A replay has no next attempt. */
function isLastAttempt(
  { failures, maxAttempts }: HandlerParts,
  { messageId, attempt }: Delivery,
  { failure }: DeliveryResult,
): boolean {
  if (attempt === 0) return true;
  if (failure !== undefined) return failures.add(messageId) >= maxAttempts;
  failures.forget(messageId);
  return false;
}

/** Their orders wait for an outcome that never comes. */
function tellBadParticipant({ badParticipant: tell }: HandlerParts, deliveries: readonly Delivery[]): void {
  const first = deliveries.find(({ badParticipant }) => badParticipant !== undefined);
  if (first === undefined) return;
  const { badParticipant, messageId } = first;
  tell(
    { alarm: 'BAD_PARTICIPANT', badParticipant, messageId },
    'a message whose participant is no name: nobody is told its outcome',
  );
}

/** Such a transaction may be lost: its order waits for an outcome that never comes. */
function tellBelowFloor({ belowFloor }: HandlerParts, results: readonly DeliveryResult[]): void {
  const refused = results
    .flatMap(({ applied }) => applied)
    .filter(({ disposition }) => disposition.kind === 'below-floor');
  if (refused.length === 0) return;
  const txNos = refused.slice(0, TX_NOS_TOLD).map(({ transaction }) => transaction.txNo);
  belowFloor(
    { alarm: 'BELOW_FLOOR', refused: refused.length, txNos },
    'transactions older than what is remembered are refused',
  );
}

/** Unreadable parts may name transactions that have a verdict all the same, such as those of a dropped dead letter. */
async function findRecorded(database: Database, decoded: readonly DecodedBody[]) {
  const txNos = decoded.flatMap(({ faults }) => faults.flatMap(({ txNo }) => txNo ?? []));
  if (txNos.length === 0) return new Map();
  return database.run((connection) => findTransactions(connection, txNos));
}

/** Stores the dead letters among the deliveries; `settled` says of a delivery that nothing of it is left to store. */
async function bury(
  parts: HandlerParts,
  judged: readonly { readonly delivery: Delivery; readonly judgement: Judgement }[],
) {
  const letters = new Map<Delivery, NewDeadLetter>();
  for (const { delivery, judgement } of judged) {
    // A replay's body is in the table already.
    if (judgement.deadLetter && delivery.attempt > 0)
      letters.set(delivery, { ...delivery, ...judgement.deadLetter });
  }
  const { stored, outage } = await storeLetters(parts, [...letters.values()]);
  const settled = (delivery: Delivery) => {
    const letter = letters.get(delivery);
    return letter === undefined || stored.has(letter);
  };
  for (const delivery of letters.keys()) if (settled(delivery)) parts.failures.forget(delivery.messageId);
  return { settled, outage };
}

async function publishAll(
  outcomes: OutcomePublisher,
  judged: readonly Pick<Handled, 'delivery' | 'judgement'>[],
) {
  const failed = new Set<string>();
  const byParticipant = Map.groupBy(judged, ({ delivery }) => delivery.participant);
  await Promise.all(
    [...byParticipant].map(async ([participant, ofOne]) => {
      const verdicts = new Map<string, Verdict>(ofOne.flatMap(({ judgement }) => [...judgement.verdicts]));
      if (participant === '' || verdicts.size === 0) return;
      const lag = deliveryLag(ofOne.map(({ delivery }) => delivery));
      const all = { participant, verdicts, ...(lag === undefined ? {} : { deliveryLagMs: lag }) };
      if (!(await outcomes.publish(all))) failed.add(participant);
    }),
  );
  return { failed };
}

/**
 * The shortest time from the birth of a first delivery until now, when its outcome is there: what a publication takes at
 * present. An older message may tell of an outage that is over, as a redelivery does.
 */
function deliveryLag(deliveries: readonly Delivery[]): number | undefined {
  const nowMs = Date.now();
  const lags = deliveries
    .filter(({ attempt, bornTimeMs }) => attempt === 1 && bornTimeMs > 0)
    .map(({ bornTimeMs }) => Math.max(0, nowMs - bornTimeMs));
  return lags.length === 0 ? undefined : Math.min(...lags);
}
