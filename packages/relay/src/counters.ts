/** What a relay counts. */
export type CounterName =
  | 'half_messages'
  | 'half_messages_failed'
  | 'ends'
  | 'ends_failed'
  | 'check_backs_committed'
  | 'check_backs_rolled_back'
  | 'check_backs_unknown'
  | 'check_backs_failed'
  | 'check_backs_foreign'
  | 'outbox_messages'
  | 'outbox_transactions'
  | 'outbox_messages_failed'
  | 'outbox_messages_unknown'
  | 'outbox_messages_refused'
  | 'results_settled'
  | 'results_already_settled'
  | 'results_unknown'
  | 'results_invalid'
  | 'results_unsettled'
  | 'result_messages_acked'
  | 'result_messages_left'
  | 'result_messages_unreadable'
  | 'result_messages_foreign';

/** Sums since the start. */
export interface Counters {
  add(name: CounterName, count?: number): void;
  /** All counters that aren't zero. */
  snapshot(): Readonly<Partial<Record<CounterName, number>>>;
}

/** Makes counters that start at zero. */
export function createCounters(): Counters {
  const counts = new Map<CounterName, number>();
  return {
    add: (name, count = 1) => void (count > 0 && counts.set(name, (counts.get(name) ?? 0) + count)),
    snapshot: () => Object.fromEntries(counts),
  };
}
