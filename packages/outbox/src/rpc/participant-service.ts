import { type Duration, type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { TransactionParticipant } from '@txmsg/contracts';
import { Outcome } from '@txmsg/contracts/message';
import { TransactionVerdict } from '@txmsg/contracts/participant';
import { isTxNo } from '@txmsg/contracts/tx-no';
import { encodeTimestamp, type ServiceHandlers } from '@txmsg/grpc';
import { decodePageToken, encodePageToken } from '@txmsg/mysql';
import type { Participant } from '../claim/participant.js';
import type { OutageGuard } from './guard-outage.js';

const VERDICTS = {
  COMMIT: TransactionVerdict.COMMIT,
  ROLLBACK: TransactionVerdict.ROLLBACK,
  UNKNOWN: TransactionVerdict.UNKNOWN,
};
const DEFAULT_PAGE_SIZE = 50;

/** The participant contract over gRPC. An outage of the database is UNAVAILABLE: the relay asks again. */
export function createParticipantService(
  participant: Participant,
  { guard }: OutageGuard,
): ServiceHandlers<typeof TransactionParticipant> {
  return {
    async checkTransaction({ transactionId, txNo, createTime }) {
      const verdict = await guard(
        transactionId === ''
          ? participant.checkByTxNo(txNo)
          : participant.check(transactionId, optionalMs(createTime)),
      );
      return { verdict: VERDICTS[verdict] };
    },
    async claimUnsettled({ maxTransactions }) {
      const { groups, oldestUnsettled, more } = await guard(participant.claim(maxTransactions));
      return {
        groups: groups.map((group) => ({ ...group, txNos: [...group.txNos] })),
        ...(oldestUnsettled && { oldestUnsettledTime: encodeTimestamp(oldestUnsettled) }),
        more,
      };
    },
    async releaseUnsettled({ txNos }) {
      await guard(participant.release(txNos));
      return {};
    },
    async settleTransactions({ results, deliveryLag, consumer }) {
      const settlements = results.map(({ txNo, outcome, reason }) =>
        outcome === Outcome.APPLIED
          ? { txNo, outcome: 'APPLIED' as const, reason: '' }
          : { txNo, outcome: 'REJECTED' as const, reason },
      );
      const settling = participant.settle(settlements, durationMs(deliveryLag), consumer || undefined);
      const { unsettled, ...counts } = await guard(settling);
      return { ...counts, unsettledTxNos: [...unsettled] };
    },
    async listStuck({ pageSize, pageToken }) {
      const size = pageSize || DEFAULT_PAGE_SIZE;
      const after = decodePageToken(pageToken, isTxNo) ?? '';
      const found = await guard(participant.listStuck(after, size + 1));
      const page = found.slice(0, size);
      return {
        transactions: page.map(({ nextTryMs, ...stuck }) => ({
          ...stuck,
          nextTryTime: encodeTimestamp(new Date(nextTryMs)),
        })),
        nextPageToken: encodePageToken(found.length > size ? page.at(-1)?.txNo : undefined),
      };
    },
  };
}

function optionalMs(time: Timestamp | undefined): number | undefined {
  return time && timestampMs(time);
}

function durationMs(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds) * 1_000 + duration.nanos / 1e6;
}
