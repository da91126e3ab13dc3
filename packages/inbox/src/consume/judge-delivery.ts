import { type DecodedBody, describeFaults } from '@txmsg/contracts/messages';
import { mysqlErrorNumber } from '@txmsg/mysql';
import { type Decision, mayBeSameParticipant, type RecordedTransaction } from '../domain/transaction.js';
import type { DeliveryResult } from './apply-deliveries.js';
import type { OutcomesByType } from './publish-outcomes.js';
import { HandlerFailedError } from './run-handler.js';

const NAMES_TOLD = 10;

/** What is left to do with one delivery after its transactions were applied. */
export interface Judgement {
  /** Committed decisions to report. */
  readonly outcomes: OutcomesByType;
  /** Set when it belongs to the dead letters. */
  readonly deadLetter?: { readonly reason: string; readonly detail: string };
  /** Some of it waits for a row that somebody else keeps locked. */
  readonly blocked: boolean;
  /** Not all of it is decided: it is tried again at its redelivery. */
  readonly tryAgain: boolean;
}

/** What a delivery's fate depends on. */
export interface Evidence {
  readonly decoded: DecodedBody<unknown>;
  /** Who published it; blank when that isn't known. */
  readonly participant: string;
  readonly result: DeliveryResult;
  /** Transactions on record among the txNos of its unreadable parts. */
  readonly recorded: ReadonlyMap<string, RecordedTransaction>;
  /** The failure is final: enough deliveries have failed, or nobody will deliver it again. */
  readonly lastAttempt: boolean;
}

/** Decides what is reported, and whether the delivery is a dead letter. */
export function judgeDelivery(evidence: Evidence): Judgement {
  const { decoded, participant, result, recorded, lastAttempt } = evidence;
  const outcomes = new Map<string, Map<string, Decision>>();
  // Most messages carry one type.
  let last: { readonly type: string; readonly outcomes: Map<string, Decision> } | undefined;
  const report = (type: string, txNo: string, decision: Decision) => {
    if (last?.type !== type) {
      last = { type, outcomes: outcomes.get(type) ?? new Map<string, Decision>() };
      outcomes.set(type, last.outcomes);
    }
    last.outcomes.set(txNo, decision);
  };
  const mismatches: string[] = [];
  const foreign: string[] = [];
  let blocked = false;
  for (const { transaction, disposition } of result.applied) {
    if (disposition.kind === 'blocked') blocked = true;
    if (disposition.kind === 'blocked' || disposition.kind === 'below-floor') continue;
    if (disposition.kind === 'other-participant') {
      foreign.push(`${transaction.txNo} of ${disposition.owner}`);
      continue;
    }
    report(transaction.type, transaction.txNo, disposition.decision);
    if (disposition.kind === 'mismatch') mismatches.push(transaction.txNo);
  }
  for (const { txNo } of decoded.faults) {
    const record = txNo === undefined ? undefined : recorded.get(txNo);
    if (record && mayBeSameParticipant(participant, record.participant))
      report(record.type, record.txNo, { outcome: record.outcome, reason: record.reason });
  }
  const failed = result.failure !== undefined;
  // Whose lock it is has nothing to do with the message: however long it is kept, no dead letter comes of it.
  if (blocked || (failed && !lastAttempt)) return { outcomes, blocked, tryAgain: true };
  const fault = failed
    ? applyFault(result.failure)
    : (foreignFault(foreign) ?? bodyFault(decoded) ?? mismatchFault(mismatches));
  return { outcomes, blocked, tryAgain: false, ...(fault ? { deadLetter: fault } : {}) };
}

function applyFault(failure: unknown) {
  if (failure instanceof HandlerFailedError) {
    const { name, message } =
      failure.cause instanceof Error ? failure.cause : { name: 'Error', message: String(failure.cause) };
    return { reason: 'HANDLER_FAILED', detail: `${failure.txNo}: ${name}: ${message}` };
  }
  const number = mysqlErrorNumber(failure);
  const name = failure instanceof Error ? failure.name : 'unknown';
  return {
    reason: 'APPLY_FAILED',
    detail: number === undefined ? `failed by ${name}` : `the database refused it with error ${number}`,
  };
}

function bodyFault({ faults }: DecodedBody<unknown>) {
  const [first] = faults;
  return first && { reason: first.reason, detail: describeFaults(faults) };
}

function foreignFault(txNos: readonly string[]) {
  if (txNos.length === 0) return undefined;
  return { reason: 'OTHER_PARTICIPANT', detail: `on record for another participant: ${told(txNos)}` };
}

function mismatchFault(txNos: readonly string[]) {
  if (txNos.length === 0) return undefined;
  return { reason: 'CONTENT_MISMATCH', detail: `on record with other content: ${told(txNos)}` };
}

/** As many names as anyone reads. */
function told(names: readonly string[]): string {
  return (
    names.slice(0, NAMES_TOLD).join(', ') +
    (names.length > NAMES_TOLD ? ` and ${names.length - NAMES_TOLD} more` : '')
  );
}
