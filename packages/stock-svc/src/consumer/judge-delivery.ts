import { mysqlErrorNumber } from '@txmsg/mysql';
import type { RecordedTransaction, Verdict } from '../domain/transaction.js';
import type { DeliveryResult } from './apply-deliveries.js';
import type { DecodedBody } from './decode-body.js';

/** What is left to do with one delivery after its transactions were applied. */
export interface Judgement {
  /** Committed verdicts to report, by txNo. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Set when it belongs to the dead letters. */
  readonly deadLetter?: { readonly reason: string; readonly detail: string };
  /** It failed by its own fault and is tried again at its redelivery. */
  readonly tryAgain: boolean;
}

/** What a delivery's fate depends on. */
export interface Evidence {
  readonly decoded: DecodedBody;
  readonly result: DeliveryResult;
  /** Transactions on record among the txNos of its unreadable parts. */
  readonly recorded: ReadonlyMap<string, RecordedTransaction>;
  /** The failure is final: enough deliveries have failed, or nobody will deliver it again. */
  readonly lastAttempt: boolean;
}

/** Decides what is reported, and whether the delivery is a dead letter. */
export function judgeDelivery({ decoded, result, recorded, lastAttempt }: Evidence): Judgement {
  const verdicts = new Map<string, Verdict>();
  const mismatches: string[] = [];
  for (const { transaction, disposition } of result.applied) {
    if (disposition.kind === 'below-floor') continue;
    verdicts.set(transaction.txNo, disposition.verdict);
    if (disposition.kind === 'mismatch') mismatches.push(transaction.txNo);
  }
  for (const { txNo } of decoded.faults) {
    const record = txNo === undefined ? undefined : recorded.get(txNo);
    if (record) verdicts.set(record.txNo, { outcome: record.outcome, reason: record.reason });
  }
  const failed = result.failure !== undefined;
  if (failed && !lastAttempt) return { verdicts, tryAgain: true };
  const fault = failed ? applyFault(result.failure) : (bodyFault(decoded) ?? mismatchFault(mismatches));
  return { verdicts, tryAgain: false, ...(fault ? { deadLetter: fault } : {}) };
}

function applyFault(failure: unknown) {
  const number = mysqlErrorNumber(failure);
  const name = failure instanceof Error ? failure.name : 'unknown';
  return {
    reason: 'APPLY_FAILED',
    detail: number === undefined ? `failed by ${name}` : `the database refused it with error ${number}`,
  };
}

function bodyFault({ faults }: DecodedBody) {
  const [first] = faults;
  return first && { reason: first.reason, detail: faults.map(({ detail }) => detail).join(' | ') };
}

function mismatchFault(txNos: readonly string[]) {
  if (txNos.length === 0) return undefined;
  return { reason: 'CONTENT_MISMATCH', detail: `on record with other content: ${txNos.join(', ')}` };
}
