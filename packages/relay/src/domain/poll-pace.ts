/** The shortest and the longest delay between polls, in milliseconds. */
export interface PollPaceOptions {
  /** After work, after a wake-up and after a first fault. */
  readonly minMs: number;
  /** When nothing has come for long, and while faults go on. */
  readonly maxMs: number;
}

/** What a round of polling found. */
export type PollResult = 'more' | 'work' | 'nothing' | 'fault';

/** Says how long to wait between polls: not at all while there is more, longer and longer while there is nothing. */
export interface PollPace {
  /** Takes note of how a round ended, and says how long to wait then: milliseconds, with jitter. */
  after(result: PollResult): number;
  /** Polls quickly again: something is expected. */
  hurry(): void;
}

/** Makes a PollPace. Delays double; a random half of each is taken off, so that many relays don't poll together. */
export function createPollPace(
  { minMs, maxMs }: PollPaceOptions,
  random: () => number = Math.random,
): PollPace {
  let idleMs = minMs;
  let faultMs = minMs;
  const jitter = (ms: number) => ms / 2 + (random() * ms) / 2;
  return {
    after(result) {
      if (result === 'fault') {
        const delayMs = jitter(faultMs);
        faultMs = Math.min(maxMs, faultMs * 2);
        return delayMs;
      }
      faultMs = minMs;
      if (result === 'more') return 0;
      if (result === 'work') idleMs = minMs;
      const delayMs = jitter(idleMs);
      idleMs = Math.min(maxMs, idleMs * 2);
      return delayMs;
    },
    hurry() {
      idleMs = minMs;
    },
  };
}
