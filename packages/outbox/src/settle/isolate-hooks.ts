import { chunks } from '@txmsg/core';
import type { Settlement } from '../store/settlement.js';
import { HookFailedError } from './hooks.js';
import { addSettlements, nothingSettled } from './settle-around-locks.js';
import type { PartialSettlement } from './settle-batch.js';

/** Settlements that are tried in one local transaction. */
export interface SettlementPart {
  readonly settlements: readonly Settlement[];
  /** A hook has failed with these and others, in an earlier call. */
  readonly suspected?: boolean;
  /** The same in this call. */
  readonly failed?: { readonly by: HookFailedError; readonly together: number };
}

/** How hooks that fail are isolated. */
export interface IsolationOptions {
  /** All of a part, or none of those whose hook failed. */
  readonly settle: (part: readonly Settlement[]) => Promise<PartialSettlement>;
  /** When so much time has passed, in milliseconds, the next failure ends the search: a hook may hang each time. */
  readonly budgetMs: number;
  /** Told of those that stay unsettled because of a hook, and how many failed together: 1 when it fails with this one alone. */
  readonly onFailed: (txNo: string, failure: HookFailedError, together: number) => void;
}

/** Into how many parts the transactions of a failed hook are cut: a hook that hangs is met a few times only. */
const PARTS = 16;

/**
 * Settles a batch although hooks may fail. The transactions of a failed hook are cut into parts, and these again, until
 * those remain that fail alone; all others settle. When time runs out, the rest of the suspected ones stays unsettled, and
 * goes on in smaller parts when it comes again: those that were not tried now before those that were.
 *
 * @throws whatever `settle` throws but HookFailedError
 */
export async function isolateHooks(
  parts: readonly SettlementPart[],
  { settle, budgetMs, onFailed }: IsolationOptions,
): Promise<PartialSettlement> {
  const giveUpAt = performance.now() + budgetMs;
  const queue = [...parts];
  let result = nothingSettled([]);
  let gaveUp = false;
  const leave = ({ settlements, failed }: SettlementPart) => {
    if (failed) for (const { txNo } of settlements) onFailed(txNo, failed.by, failed.together);
    result = addSettlements(result, nothingSettled(settlements));
  };
  for (let part = queue.shift(); part; part = queue.shift()) {
    const { settlements } = part;
    if (gaveUp && (part.suspected || part.failed)) {
      leave(part);
      continue;
    }
    const failure = await failureOf(async () => {
      result = addSettlements(result, await settle(settlements));
    });
    if (!failure) continue;
    const given = new Set(failure.txNos);
    const guilty = settlements.filter(({ txNo }) => given.has(txNo));
    const others = settlements.filter(({ txNo }) => !given.has(txNo));
    if (others.length > 0) queue.unshift({ ...part, settlements: others });
    if (performance.now() > giveUpAt) gaveUp = true;
    const failed = { by: failure, together: guilty.length };
    if (guilty.length === 1 || gaveUp) leave({ settlements: guilty, failed });
    else queue.push(...suspects(guilty, guilty.length).map((next) => ({ ...next, failed })));
  }
  return result;
}

/** Cuts transactions of which so many have failed together into the parts that are tried next. */
export function suspects(settlements: readonly Settlement[], together: number): SettlementPart[] {
  return chunks(settlements, Math.ceil(together / PARTS)).map((part) => ({
    settlements: part,
    suspected: true,
  }));
}

async function failureOf(work: () => Promise<void>): Promise<HookFailedError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof HookFailedError) return error;
    throw error;
  }
}
