import type { Settlement } from '../store/settlement.js';
import { HookFailedError } from './hooks.js';
import { addSettlements, nothingSettled } from './settle-around-locks.js';
import type { PartialSettlement } from './settle-batch.js';

/** How much trying is done for hooks that fail, per batch. */
export interface IsolationLimits {
  /** No new attempt begins when so much time has passed, in milliseconds. */
  readonly budgetMs: number;
  /** Told of each transaction whose hook has failed with it alone, and of those that could not be tried alone. */
  readonly onFailed: (txNo: string, type: string, error: unknown) => void;
}

/**
 * Settles a batch although hooks may fail: the transactions of a failed hook are halved until those remain that fail
 * alone, which stay unsettled; all others settle. Those for which there is no time stay unsettled, too.
 *
 * @throws whatever `settle` throws but HookFailedError
 */
export async function isolateHooks(
  batch: readonly Settlement[],
  settle: (part: readonly Settlement[]) => Promise<PartialSettlement>,
  { budgetMs, onFailed }: IsolationLimits,
): Promise<PartialSettlement> {
  const giveUpAt = performance.now() + budgetMs;
  const parts: (readonly Settlement[])[] = [batch];
  let result = nothingSettled([]);
  let last: HookFailedError | undefined;
  for (let part = parts.shift(); part; part = parts.shift()) {
    if (last && performance.now() > giveUpAt) {
      for (const { txNo } of part) onFailed(txNo, last.type, last.cause);
      result = addSettlements(result, nothingSettled(part));
      continue;
    }
    try {
      result = addSettlements(result, await settle(part));
    } catch (error) {
      if (!(error instanceof HookFailedError)) throw error;
      last = error;
      const given = new Set(error.txNos);
      const guilty = part.filter(({ txNo }) => given.has(txNo));
      const others = part.filter(({ txNo }) => !given.has(txNo));
      if (others.length > 0) parts.unshift(others);
      const [only] = guilty;
      if (guilty.length === 1 && only) {
        onFailed(only.txNo, error.type, error.cause);
        result = addSettlements(result, nothingSettled(guilty));
      } else {
        const middle = Math.ceil(guilty.length / 2);
        parts.push(guilty.slice(0, middle), guilty.slice(middle));
      }
    }
  }
  return result;
}
