import type { Settlement } from '../store/settlement.js';
import { type SettlementPart, suspects } from './isolate-hooks.js';
import type { Stuck } from './stuck.js';

/** What a settlement tries. */
export interface Plan {
  /** In the order in which they are tried. */
  readonly parts: readonly SettlementPart[];
  /** Stuck ones whose backoff lasts. */
  readonly waiting: readonly Settlement[];
}

interface Failed {
  readonly settlement: Settlement;
  readonly together: number;
  readonly attempts: number;
}

/**
 * What is tried together: those that have never failed, and then the others in smaller parts than they failed in. Those that
 * failed with the most come first, and those that failed most often come last: when a hook takes all the time that there is,
 * it keeps no other from its turn.
 */
export function planParts(batch: readonly Settlement[], stuck: Stuck, nowMs: number): Plan {
  if (batch.length === 0) return { parts: [], waiting: [] };
  if (stuck.size === 0) return { parts: [{ settlements: batch }], waiting: [] };
  const waiting: Settlement[] = [];
  const fresh: Settlement[] = [];
  const failed: Failed[] = [];
  for (const settlement of batch) {
    const failure = stuck.failureOf(settlement.txNo);
    if (failure === undefined) fresh.push(settlement);
    else if (stuck.isWaiting(settlement.txNo, nowMs)) waiting.push(settlement);
    else failed.push({ settlement, ...failure });
  }
  failed.sort((a, b) => b.together - a.together || a.attempts - b.attempts);
  const byTogether = new Map<number, Settlement[]>();
  for (const { settlement, together } of failed) {
    const same = byTogether.get(together);
    if (same) same.push(settlement);
    else byTogether.set(together, [settlement]);
  }
  const again = [...byTogether].flatMap(([together, settlements]) => suspects(settlements, together));
  return { parts: fresh.length === 0 ? again : [{ settlements: fresh }, ...again], waiting };
}
