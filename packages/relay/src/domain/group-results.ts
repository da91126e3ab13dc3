const LAG_MAX_MS = 24 * 3_600_000;

/** A readable result message: outcomes of one participant. */
export interface ResultBatch<Message, Result> {
  readonly message: Message;
  readonly participant: string;
  readonly results: readonly Result[];
  readonly deliveryLagMs: number | undefined;
}

/** Everything that came for one participant. */
export interface ParticipantResults<Message, Result> {
  readonly participant: string;
  readonly batches: ResultBatch<Message, Result>[];
  readonly results: Result[];
  /** The lag of the newest of its messages: the shortest that can be true. */
  deliveryLagMs: number | undefined;
}

/** Puts together what belongs to one participant, in the order of arrival. A lag below 0 or above a day is ignored. */
export function groupResults<Message, Result>(
  batches: readonly ResultBatch<Message, Result>[],
): ParticipantResults<Message, Result>[] {
  const groups = new Map<string, ParticipantResults<Message, Result>>();
  for (const batch of batches) {
    const { participant, results, deliveryLagMs } = batch;
    let group = groups.get(participant);
    if (!group) {
      group = { participant, batches: [], results: [], deliveryLagMs: undefined };
      groups.set(participant, group);
    }
    group.batches.push(batch);
    for (const result of results) group.results.push(result);
    if (deliveryLagMs !== undefined && isPlausible(deliveryLagMs)) {
      group.deliveryLagMs = Math.min(group.deliveryLagMs ?? deliveryLagMs, deliveryLagMs);
    }
  }
  return [...groups.values()];
}

/** Anything else comes from a wrong clock. */
function isPlausible(lagMs: number): boolean {
  return lagMs >= 0 && lagMs <= LAG_MAX_MS;
}
