/** How often each message has failed by its own fault, as far as this process remembers. */
export interface FailureCounts {
  /** Counts one more failure of the message and tells how many there were. */
  add(messageId: string): number;
  /** Its fate is decided. */
  forget(messageId: string): void;
}

/** Makes counts of `maxMessages` messages at most; the one that has not failed for the longest time is forgotten first. */
export function createFailureCounts(maxMessages = 10_000): FailureCounts {
  const counts = new Map<string, number>();
  return {
    add(messageId) {
      const count = (counts.get(messageId) ?? 0) + 1;
      counts.delete(messageId);
      counts.set(messageId, count);
      if (counts.size > maxMessages) counts.delete(counts.keys().next().value as string);
      return count;
    },
    forget: (messageId) => void counts.delete(messageId),
  };
}
