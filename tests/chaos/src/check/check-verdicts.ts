import type { VerdictEvent } from '../history/history-event.js';
import type { RunRecord } from './run-record.js';
import type { Violation } from './violation.js';

const VERDICT_OF = { LIVE: 'COMMIT', FENCED: 'ROLLBACK' } as const;

/** I6: a verdict never changes, and it agrees with the database. */
export function checkVerdicts(record: RunRecord): Violation[] {
  const violations: Violation[] = [];
  for (const [transactionId, verdicts] of record.facts.verdicts) {
    violations.push(...changes(transactionId, verdicts), ...disagreement(record, transactionId, verdicts));
  }
  return [...violations, ...markers(record)];
}

function* changes(transactionId: string, verdicts: readonly VerdictEvent[]): Generator<Violation> {
  const decided = verdicts.filter(isDecided);
  const [first] = decided;
  if (!first) return;
  const other = decided.find(({ verdict }) => verdict !== first.verdict);
  if (other) {
    const message = `two verdicts on ${transactionId}: ${first.verdict} and ${other.verdict}`;
    yield { invariant: 'I6', message, evidence: { first, other } };
  }
  const firstEndMs = Math.min(...decided.map(({ endMs }) => endMs));
  const undecided = verdicts.find(({ verdict, startMs }) => verdict === 'UNKNOWN' && startMs > firstEndMs);
  if (undecided) {
    const message = `${transactionId} was UNKNOWN again after ${first.verdict}`;
    yield { invariant: 'I6', message, evidence: { first, undecided } };
  }
}

function* disagreement(
  { groups }: RunRecord,
  transactionId: string,
  verdicts: readonly VerdictEvent[],
): Generator<Violation> {
  const group = groups.get(transactionId);
  const right = group && VERDICT_OF[group.state];
  const wrong = verdicts.find((event) => isDecided(event) && event.verdict !== right);
  if (!wrong) return;
  const message = `the verdict on ${transactionId} was ${wrong.verdict}, but the database holds ${group?.state ?? 'nothing'}`;
  yield { invariant: 'I6', message, evidence: { verdict: wrong, group } };
}

/** One transaction writes a group's marker and its message log. */
function* markers({ orderDump, groups }: RunRecord): Generator<Violation> {
  const used = new Set<string>();
  for (const log of orderDump.outbox) {
    used.add(log.transactionId);
    const group = groups.get(log.transactionId);
    if (group?.state === 'LIVE') continue;
    const message = `a committed order's transaction_id would be rolled back: ${log.transactionId}`;
    yield { invariant: 'I6', message, evidence: { log, group } };
  }
  for (const group of orderDump.groups) {
    if (group.state !== 'LIVE' || used.has(group.transactionId)) continue;
    const message = `a group marker without orders would commit a message: ${group.transactionId}`;
    yield { invariant: 'I6', message, evidence: { group } };
  }
}

function isDecided({ verdict }: VerdictEvent): boolean {
  return verdict === 'COMMIT' || verdict === 'ROLLBACK';
}
