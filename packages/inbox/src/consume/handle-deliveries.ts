import type { DecodedBody } from '@txmsg/contracts/messages';
import { createTurns, failpoint, type Logger, type QuietLog } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import type { RecordedTransaction } from '../domain/transaction.js';
import type { InboxStore } from '../store/inbox-store.js';
import type { NewDeadLetter } from '../store/letter-form.js';
import { type Appliers, applyDeliveries, type DeliveryResult } from './apply-deliveries.js';
import { type Counters, countResult } from './counters.js';
import { type DecodedDelivery, type DecodeMessage, type Delivery, decodeDelivery } from './delivery.js';
import type { FailureCounts } from './failure-counts.js';
import { type Judgement, judgeDelivery } from './judge-delivery.js';
import type { KnownParticipants } from './known-participants.js';
import { type OutcomePublisher, publishOutcomes } from './publish-outcomes.js';
import { storeLetters } from './store-letters.js';

const TX_NOS_TOLD = 10;

/** What handling works with. */
export interface HandlerParts extends Appliers {
  readonly database: Database;
  readonly store: InboxStore;
  readonly decode: DecodeMessage;
  readonly outcomes: OutcomePublisher;
  readonly participants: KnownParticipants;
  readonly counters: Counters;
  readonly logger: Logger;
  /** A message that has failed so often by its own fault becomes a dead letter. */
  readonly maxAttempts: number;
  readonly failures: FailureCounts;
  /** Tells of transactions that are refused because they are older than what is remembered. */
  readonly belowFloor: QuietLog;
  /** Tells of messages whose participant can't be one: no outcome is reported for them. */
  readonly badParticipant: QuietLog;
  /** Begins the names of the failpoints; `inbox` by default. */
  readonly failpoints?: string;
  /** Told of an outage that was met after others of the same deliveries were handled. */
  readonly reportOutage: (error: unknown) => void;
}

/** A delivery whose transactions were applied, and what that came to. */
interface Judged extends DecodedDelivery {
  readonly result: DeliveryResult;
  readonly judgement: Judgement;
}

/** A delivery that was handled. */
export interface Handled extends Judged {
  /** All is committed, on record or in the dead letters, and reported: ack it. */
  readonly done: boolean;
  /** Its outcomes could not be published: the broker needs a pause. */
  readonly unpublished: boolean;
}

/**
 * Handles deliveries together: decodes them, applies their transactions, publishes the outcomes, and puts to the dead
 * letters what can't be handled. Only decisions that were committed, or read from committed rows, are published. A letter
 * that can't be stored leaves its own delivery undone and no other.
 *
 * @returns one for each delivery, in their order
 * @throws on an outage, or another failure that no delivery has caused: ack none of them
 */
export async function handleDeliveries(
  parts: HandlerParts,
  deliveries: readonly Delivery[],
): Promise<Handled[]> {
  return handleDecoded(parts, await decodeDeliveries(parts, deliveries));
}

/** Decodes deliveries, with turns for others between those that are dear to read. Never rejects. */
export async function decodeDeliveries(
  parts: Pick<HandlerParts, 'decode' | 'badParticipant'>,
  deliveries: readonly Delivery[],
): Promise<DecodedDelivery[]> {
  const receivedMs = Date.now();
  tellBadParticipant(parts, deliveries);
  const decoded: DecodedDelivery[] = [];
  const turns = createTurns();
  for (const delivery of deliveries) {
    const turn = turns();
    if (turn) await turn;
    decoded.push({ delivery, decoded: decodeDelivery(parts.decode, delivery, receivedMs) });
  }
  return decoded;
}

/** Handles deliveries that are decoded; what `handleDeliveries` does with them. */
export async function handleDecoded(
  parts: HandlerParts,
  deliveries: readonly DecodedDelivery[],
): Promise<Handled[]> {
  await parts.participants.see(deliveries.map(({ delivery }) => delivery.participant));
  const inHand = deliveries.map((one) => ({ ...one, result: { applied: [] } as DeliveryResult }));
  await applyDeliveries(parts, inHand);
  const recorded = await findRecorded(parts, deliveries);
  const judged = inHand.map((one) => judge(parts, one, recorded));
  tellBelowFloor(parts, judged);
  const unreported = await publishOutcomes(parts.outcomes, judged);
  await failpoint(`${parts.failpoints ?? 'inbox'}.after-publish`);
  const buried = await bury(parts, judged);
  const handled = judged.map((one): Handled => {
    const unpublished = unreported.has(one.delivery.participant);
    const done = !one.judgement.tryAgain && !unpublished && buried.settled(one.delivery);
    return { ...one, unpublished, done };
  });
  if (buried.outage === undefined) return handled;
  if (!handled.some(({ done }) => done)) throw buried.outage;
  parts.reportOutage(buried.outage);
  return handled;
}

/** Decides what becomes of a delivery, and counts what was done with its transactions. */
function judge(
  parts: HandlerParts,
  { delivery, decoded, result }: Omit<Judged, 'judgement'>,
  recorded: ReadonlyMap<string, RecordedTransaction>,
): Judged {
  const lastAttempt = countFailure(parts, delivery, result);
  countResult(parts.counters, result);
  const { participant } = delivery;
  const judgement = judgeDelivery({ decoded, participant, result, recorded, lastAttempt });
  return { delivery, decoded, result, judgement };
}

/**
 * Counts a failure of the message, and forgets the earlier ones when it has not failed. An outage doesn't count: it is not
 * the message's fault. A replay has no next attempt.
 *
 * @returns true when the message won't be tried again after a failure
 */
function countFailure(
  { failures, maxAttempts }: HandlerParts,
  { messageId, attempt }: Delivery,
  { failure }: DeliveryResult,
): boolean {
  if (attempt === 0) return true;
  if (failure !== undefined) return failures.add(messageId) >= maxAttempts;
  failures.forget(messageId);
  return false;
}

/** Their transactions wait for an outcome that never comes. */
function tellBadParticipant(
  { badParticipant: tell }: Pick<HandlerParts, 'badParticipant'>,
  deliveries: readonly Delivery[],
): void {
  const first = deliveries.find(({ badParticipant }) => badParticipant !== undefined);
  if (first === undefined) return;
  const { badParticipant, messageId } = first;
  tell(
    { alarm: 'BAD_PARTICIPANT', badParticipant, messageId },
    'a message whose participant is no name: nobody is told its outcome',
  );
}

/** Such a transaction may be lost: its participant waits for an outcome that never comes. */
function tellBelowFloor({ belowFloor }: HandlerParts, judged: readonly Judged[]): void {
  const refused = judged
    .flatMap(({ result }) => result.applied)
    .filter(({ disposition }) => disposition.kind === 'below-floor');
  if (refused.length === 0) return;
  const txNos = refused.slice(0, TX_NOS_TOLD).map(({ transaction }) => transaction.txNo);
  belowFloor(
    { alarm: 'BELOW_FLOOR', refused: refused.length, txNos },
    'transactions older than what is remembered are refused',
  );
}

/** Unreadable parts may name transactions that have a decision all the same, such as those of a dropped dead letter. */
async function findRecorded(
  { database, store }: HandlerParts,
  deliveries: readonly { readonly decoded: DecodedBody<unknown> }[],
): Promise<ReadonlyMap<string, RecordedTransaction>> {
  const txNos = deliveries.flatMap(({ decoded }) => decoded.faults.flatMap(({ txNo }) => txNo ?? []));
  if (txNos.length === 0) return new Map();
  return database.run((connection) => store.records.find(connection, txNos));
}

/** Stores the dead letters among the deliveries; `settled` says of a delivery that nothing of it is left to store. */
async function bury(parts: HandlerParts, judged: readonly Judged[]) {
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
