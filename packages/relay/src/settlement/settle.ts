import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { status as Code } from '@grpc/grpc-js';
import type { TxResult } from '@txmsg/contracts/message';
import type { QuietLog } from '@txmsg/core';
import { statusOf } from '@txmsg/grpc';
import type { ReceivedMessage } from '@txmsg/rocketmq';
import type { ParticipantPool } from '../clients.js';
import type { Counters } from '../counters.js';
import type { ResultGroup } from '../domain/group-results.js';
import { chunkResults } from './chunk-results.js';
import { judgeFailure } from './judge-failure.js';
import { settleByHalves } from './settle-by-halves.js';

/** What outcomes are settled with. */
export interface SettleOptions {
  readonly pool: ParticipantPool;
  readonly counters: Counters;
  /** Tells of outcomes that the participant refuses, or fails at. */
  readonly warnRefused: QuietLog;
}

/** What must be brought again, by txNo. */
export interface Unsettled {
  readonly all: ReadonlySet<string>;
  /** Those of them that the participant itself left. */
  readonly left: readonly string[];
}

/** Outcomes that are brought together, from several messages. */
export type OutcomeGroup = ResultGroup<ReceivedMessage, TxResult>;

/**
 * Hands a participant's outcomes to it; settling twice is harmless. Resolves with what isn't settled. An outcome that
 * the participant refuses as invalid is dropped and logged. Any other failure holds up its own outcome only.
 *
 * @throws ServiceError or TxmsgError when the participant can't take anything now: see `judgeFailure`
 */
export async function settle(
  { participant, consumer, type, results, deliveryLagMs }: OutcomeGroup,
  { pool, counters, warnRefused }: SettleOptions,
): Promise<Unsettled> {
  const lag = deliveryLagMs === undefined ? {} : { deliveryLag: durationFromMs(deliveryLagMs) };
  const bring = async (part: readonly TxResult[]) => {
    const request = { results: part as TxResult[], consumer, type, ...lag };
    const answer = await pool.call((client) => client.settleTransactions(request));
    counters.add('results_settled', answer.settled);
    counters.add('results_already_settled', answer.alreadySettled);
    counters.add('results_unknown', answer.unknown);
    return answer.unsettledTxNos;
  };
  const all = new Set<string>();
  const left: string[] = [];
  for (const part of chunkResults(results)) {
    const { unsettled, refused, untried, failure } = await settleByHalves(part, bring, judgeFailure);
    for (const txNo of unsettled) {
      all.add(txNo);
      left.push(txNo);
    }
    for (const { txNo } of untried) all.add(txNo);
    if (untried.length > 0) {
      const fields = { err: failure, participant, untried: untried.length };
      warnRefused(fields, 'a participant fails at too many outcomes; the rest is not tried, and comes again');
    }
    for (const { item, error } of refused) {
      if (isInvalid(error)) counters.add('results_invalid');
      else all.add(item.txNo);
      const told = isInvalid(error) ? 'refuses as invalid; it is dropped' : 'fails at; it comes again';
      warnRefused({ err: error, participant, txNo: item.txNo }, `an outcome that the participant ${told}`);
    }
  }
  counters.add('results_unsettled', all.size);
  return { all, left };
}

function isInvalid(error: unknown): boolean {
  return statusOf(error) === Code.INVALID_ARGUMENT;
}
