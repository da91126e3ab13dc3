import type { Counters } from '../counters.js';
import type { Disposition } from '../domain/decide-group.js';
import type { DeliveryResult } from './apply-deliveries.js';

/** Adds what was done with the transactions of these deliveries. */
export function countResults(counters: Counters, results: readonly DeliveryResult[]): void {
  for (const { applied } of results) {
    for (const { disposition } of applied) counters[counterOf(disposition)] += 1;
  }
}

function counterOf(disposition: Disposition) {
  switch (disposition.kind) {
    case 'decided':
      return disposition.verdict.outcome === 'APPLIED' ? 'applied' : 'rejected';
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
