import type { HistoryEvent } from '../history/history-event.js';
import { checkDurability, checkIdempotence } from './check-answers.js';
import { checkCodes } from './check-codes.js';
import { checkMemory } from './check-memory.js';
import { checkMessages } from './check-messages.js';
import { checkSettlement } from './check-settlement.js';
import { checkExactlyOnce, checkRejections } from './check-stock.js';
import { checkStrangers } from './check-strangers.js';
import { checkSums } from './check-sums.js';
import { checkVerdicts } from './check-verdicts.js';
import type { OrderDump, StockDump } from './database-dump.js';
import { collectFacts, type HistoryFacts } from './history-facts.js';
import { createRunRecord } from './run-record.js';
import type { Violation } from './violation.js';

/** What a check found. */
export interface CheckResult {
  readonly violations: readonly Violation[];
  /** Why the run proves nothing: something that the check needs is missing. */
  readonly gaps: readonly string[];
  /** What is wrong besides the invariants, one sentence each. */
  readonly defects: readonly string[];
  readonly facts: HistoryFacts;
}

/** Checks I1 to I8 on a history and on both databases after everything was healed. */
export function checkRun(
  history: Iterable<HistoryEvent>,
  orderDump: OrderDump,
  stockDump: StockDump,
): CheckResult {
  const facts = collectFacts(history);
  const record = createRunRecord(facts, orderDump, stockDump);
  const others = [
    ...checkMessages(record),
    ...checkStrangers(record),
    ...checkSettlement(record),
    ...checkExactlyOnce(record),
    ...checkRejections(record),
    ...checkVerdicts(record),
    ...checkIdempotence(record),
    ...checkDurability(record),
  ];
  const sums = checkSums(record, (found) => found.length + others.length > 0);
  const violations = [...others, ...sums].sort((a, b) => a.invariant.localeCompare(b.invariant));
  return {
    violations,
    gaps: findGaps(facts, orderDump, stockDump),
    defects: [...checkMemory(facts), ...checkCodes(facts)],
    facts,
  };
}

function findGaps(facts: HistoryFacts, orderDump: OrderDump, stockDump: StockDump): string[] {
  const settled = orderDump.orders.filter(({ status }) => status !== 'PENDING').length;
  const needed: readonly (readonly [string, number])[] = [
    ['no fault was injected', facts.counts.faults.size],
    ['no order was accepted', facts.txNos.size],
    ['no order is in the database', orderDump.orders.length],
    ['no order is settled', settled],
    ['no stock transaction is on record', stockDump.inbox.length],
    ['no message was seen on the broker', facts.counts.messages],
    ['no verdict was seen', facts.counts.decidedVerdicts],
  ];
  return needed.filter(([, amount]) => amount === 0).map(([gap]) => gap);
}
