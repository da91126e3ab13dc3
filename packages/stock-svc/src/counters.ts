/** What the service has done since its start. Plain numbers that others may read at any time. */
export interface Counters {
  /** Messages received. */
  messages: number;
  /** Transactions by what was done with them. */
  applied: number;
  rejected: number;
  duplicates: number;
  mismatches: number;
  otherParticipant: number;
  belowFloor: number;
  blocked: number;
  /** Messages put to the dead letters, repeats included. */
  deadLetters: number;
  /** Messages left for redelivery. */
  unacked: number;
}

/** Makes counters that stand at zero. */
export function createCounters(): Counters {
  return {
    messages: 0,
    applied: 0,
    rejected: 0,
    duplicates: 0,
    mismatches: 0,
    otherParticipant: 0,
    belowFloor: 0,
    blocked: 0,
    deadLetters: 0,
    unacked: 0,
  };
}
