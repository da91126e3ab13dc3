import type { Disposition } from '../domain/decide-group.js';
import type { DeliveryResult } from './apply-deliveries.js';

/** What the consumer has done since its start. Plain numbers that others may read at any time. */
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

/** Adds what was done with the transactions of a delivery. */
export function countResult(counters: Counters, { applied }: DeliveryResult): void {
  for (const { disposition } of applied) counters[counterOf(disposition)] += 1;
}

function counterOf(disposition: Disposition) {
  switch (disposition.kind) {
    case 'decided':
      return disposition.decision.outcome === 'APPLIED' ? 'applied' : 'rejected';
    case 'duplicate':
      return 'duplicates';
    case 'mismatch':
      return 'mismatches';
    case 'other-participant':
      return 'otherParticipant';
    case 'blocked':
      return 'blocked';
    case 'below-floor':
      return 'belowFloor';
  }
}
