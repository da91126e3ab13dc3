import { TxmsgError } from '@txmsg/core';

/** How much each participant may have in hand. */
export interface ShareLimits {
  readonly running: number;
  readonly waiting: number;
}

/** Gives each participant a share of its own, so one that hangs keeps nobody else waiting. */
export interface Shares {
  /**
   * Runs work when the participant's share has room, first come first served.
   *
   * @throws TxmsgError RESOURCE_EXHAUSTED when too much waits already, or UNAVAILABLE when the signal was aborted while
   *   it waited; or what `work` throws
   */
  run<R>(participant: string, work: () => Promise<R>, signal: AbortSignal): Promise<R>;
}

/** Makes shares that are free. */
export function createShares({ running, waiting }: ShareLimits): Shares {
  const shares = new Map<string, { held: number; readonly queue: (() => void)[] }>();
  return {
    async run(participant, work, signal) {
      const share = shares.get(participant) ?? { held: 0, queue: [] };
      shares.set(participant, share);
      if (share.held < running) share.held += 1;
      else if (share.queue.length < waiting) await new Promise<void>((resolve) => share.queue.push(resolve));
      else throw new TxmsgError('RESOURCE_EXHAUSTED', 'too many check-backs of this participant');
      try {
        if (signal.aborted) throw new TxmsgError('UNAVAILABLE', 'the check-back has waited for too long');
        return await work();
      } finally {
        // The next one in the queue takes over what is held.
        const next = share.queue.shift();
        if (next) next();
        else share.held -= 1;
        if (share.held === 0) shares.delete(participant);
      }
    },
  };
}
