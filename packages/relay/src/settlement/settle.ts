import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import type { TxResult } from '@txmsg/contracts/message';
import type { ReceivedMessage } from '@txmsg/rocketmq';
import { chunks, TxmsgError } from '@txmsg/service';
import type { Counters, QuietWarning } from '../counters.js';
import type { ParticipantResults } from '../domain/group-results.js';
import type { ParticipantPool } from '../participants.js';
import { settleByHalves } from './settle-by-halves.js';

const RESULTS_MAX = 5_000;

/** What outcomes are settled with. */
export interface SettleOptions {
  readonly pool: ParticipantPool;
  readonly counters: Counters;
  /** Tells of outcomes that the participant refuses. */
  readonly warnRefused: QuietWarning;
}

/** Outcomes of one participant, from several messages. */
export type ResultGroup = ParticipantResults<ReceivedMessage, TxResult>;

/**
 * Hands a participant's outcomes to it; settling twice is harmless. Resolves with the txNos that are not settled: they
 * have to be brought again. An outcome that the participant refuses as invalid is dropped and told; whatever else it fails
 * at holds up nothing but the outcome itself.
 *
 * @throws ServiceError or TxmsgError when the participant can't take anything now: see `isOutage`
 */
export async function settle(
  { participant, results, deliveryLagMs }: ResultGroup,
  { pool, counters, warnRefused }: SettleOptions,
): Promise<ReadonlySet<string>> {
  const lag = deliveryLagMs === undefined ? {} : { deliveryLag: durationFromMs(deliveryLagMs) };
  const bring = async (part: readonly TxResult[]) => {
    const request = { results: part as TxResult[], ...lag };
    const answer = await pool.call((client) => client.settleTransactions(request));
    counters.add('results_settled', answer.settled);
    counters.add('results_already_settled', answer.alreadySettled);
    counters.add('results_unknown', answer.unknown);
    return answer.unsettledTxNos;
  };
  const unsettled = new Set<string>();
  for (const part of chunks(results, RESULTS_MAX)) {
    const brought = await settleByHalves(part, bring, (error) => !isOutage(error));
    for (const txNo of brought.unsettled) unsettled.add(txNo);
    for (const { txNo } of brought.untried) unsettled.add(txNo);
    for (const { item, error } of brought.refused) {
      warnRefused({ err: error, participant, txNo: item.txNo }, 'an outcome that the participant refuses');
      if (isInvalid(error)) counters.add('results_invalid');
      else unsettled.add(item.txNo);
    }
  }
  counters.add('results_unsettled', unsettled.size);
  return unsettled;
}

const OUTAGES: ReadonlySet<unknown> = new Set([
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.RESOURCE_EXHAUSTED,
  Code.CANCELLED,
  Code.UNIMPLEMENTED,
  Code.UNAUTHENTICATED,
  Code.PERMISSION_DENIED,
]);

/** Whether an error says nothing of what was brought: the participant is away, too busy, or takes nothing from us. */
export function isOutage(error: unknown): boolean {
  // A TxmsgError comes from the client pool: every replica's circuit is open.
  return error instanceof TxmsgError || OUTAGES.has((error as ServiceError).code);
}

function isInvalid(error: unknown): boolean {
  return (error as ServiceError).code === Code.INVALID_ARGUMENT;
}
