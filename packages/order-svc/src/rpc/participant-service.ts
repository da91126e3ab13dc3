import { type Duration, type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { TransactionParticipant } from '@txmsg/contracts';
import { Outcome } from '@txmsg/contracts/message';
import { TransactionVerdict } from '@txmsg/contracts/participant';
import type { ServiceHandlers } from '@txmsg/grpc';
import type { Participant } from '../participant/participant.js';
import { encodeTimestamp } from './encode-order.js';
import { guardOutage } from './guard-outage.js';

const VERDICTS = {
  COMMIT: TransactionVerdict.COMMIT,
  ROLLBACK: TransactionVerdict.ROLLBACK,
  UNKNOWN: TransactionVerdict.UNKNOWN,
};

/** The participant contract over gRPC. An outage of the database is UNAVAILABLE: the relay asks again. */
export function createParticipantService(
  participant: Participant,
  topic: string,
  onOutage: (error: unknown) => void,
): ServiceHandlers<typeof TransactionParticipant> {
  const guarded = <T>(work: Promise<T>) => guardOutage(work, onOutage);
  return {
    async checkTransaction({ transactionId, txNo, createTime }) {
      const verdict = await guarded(
        transactionId === ''
          ? participant.checkByTxNo(txNo)
          : participant.check(transactionId, optionalMs(createTime)),
      );
      return { verdict: VERDICTS[verdict] };
    },
    async claimUnsettled({ maxTransactions }) {
      const { groups, oldestUnsettled, more } = await guarded(participant.claim(maxTransactions));
      return {
        groups: groups.map(({ body, txNos }) => ({ topic, body, txNos: [...txNos] })),
        ...(oldestUnsettled && { oldestUnsettledTime: encodeTimestamp(oldestUnsettled) }),
        more,
      };
    },
    async releaseUnsettled({ txNos }) {
      await guarded(participant.release(txNos));
      return {};
    },
    async settleTransactions({ results, deliveryLag }) {
      const settlements = results.map(({ txNo, outcome, reason }) => ({
        txNo,
        status: outcome === Outcome.APPLIED ? ('CONFIRMED' as const) : ('REJECTED' as const),
        reason: outcome === Outcome.APPLIED ? '' : reason,
      }));
      const { unsettled, ...counts } = await guarded(
        participant.settle(settlements, durationMs(deliveryLag)),
      );
      return { ...counts, unsettledTxNos: [...unsettled] };
    },
    // Settling an order runs no code that could fail for one transaction and not for others.
    listStuck: () => ({}),
  };
}

function optionalMs(time: Timestamp | undefined): number | undefined {
  return time && timestampMs(time);
}

function durationMs(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds) * 1_000 + duration.nanos / 1e6;
}
