const LAG_MAX_MS = 24 * 3_600_000;

/** A readable result message: outcomes of one participant. */
export interface ResultBatch<Message, Result> {
  readonly message: Message;
  readonly participant: string;
  readonly results: readonly Result[];
  readonly deliveryLagMs: number | undefined;
  /** Blank when it isn't known. */
  readonly consumer: string;
  /** The message type of all of them; blank when it isn't known. */
  readonly type: string;
}

/** Everything that came for one participant from one consumer about one message type. */
export interface ResultGroup<Message, Result> {
  readonly participant: string;
  readonly consumer: string;
  readonly type: string;
  readonly batches: ResultBatch<Message, Result>[];
  readonly results: Result[];
  /** The shortest delivery lag of its messages: a longer one may tell of an outage that is over. */
  deliveryLagMs: number | undefined;
}

/**
 * Puts together what one participant takes in one call: outcomes of one consumer about one message type, in the order
 * of arrival. Ignores a delivery lag below 0 or above a day.
 */
export function groupResults<Message, Result>(
  batches: readonly ResultBatch<Message, Result>[],
): ResultGroup<Message, Result>[] {
  const groups = new Map<string, ResultGroup<Message, Result>>();
  for (const batch of batches) {
    const { participant, consumer, type, results, deliveryLagMs } = batch;
    // No name holds a slash.
    const key = `${participant}/${consumer}/${type}`;
    let group = groups.get(key);
    if (!group) {
      group = { participant, consumer, type, batches: [], results: [], deliveryLagMs: undefined };
      groups.set(key, group);
    }
    group.batches.push(batch);
    for (const result of results) group.results.push(result);
    if (deliveryLagMs !== undefined && isPlausible(deliveryLagMs)) {
      group.deliveryLagMs = Math.min(group.deliveryLagMs ?? deliveryLagMs, deliveryLagMs);
    }
  }
  return [...groups.values()];
}

/** Other lags come from a wrong clock. */
function isPlausible(lagMs: number): boolean {
  return lagMs >= 0 && lagMs <= LAG_MAX_MS;
}
