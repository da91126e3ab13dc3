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
  readonly messages: Message[];
  readonly results: Result[];
  /** The longest of its messages' lags. */
  deliveryLagMs: number | undefined;
}

/** Puts together what belongs to one participant, in the order of arrival. */
export function groupResults<Message, Result>(
  batches: readonly ResultBatch<Message, Result>[],
): ParticipantResults<Message, Result>[] {
  const groups = new Map<string, ParticipantResults<Message, Result>>();
  for (const { message, participant, results, deliveryLagMs } of batches) {
    let group = groups.get(participant);
    if (!group) {
      group = { participant, messages: [], results: [], deliveryLagMs: undefined };
      groups.set(participant, group);
    }
    group.messages.push(message);
    for (const result of results) group.results.push(result);
    if (deliveryLagMs !== undefined) group.deliveryLagMs = Math.max(group.deliveryLagMs ?? 0, deliveryLagMs);
  }
  return [...groups.values()];
}

/** Cuts a list into pieces of `size` at most. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
