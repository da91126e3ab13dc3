/** For the opened bodies of one receive: 150 groups of a thousand orders, or four bodies of the largest size. */
const RECEIVE_BYTES_MAX = 16 * 1024 * 1024;
/** A group of a thousand orders is half of it. */
const SMALL_BYTES = 256 * 1024;

/**
 * Bounds what the bodies of one receive hold in memory: some 24 MiB. Beyond that, large messages are left to come
 * again, and the next receive asks for fewer. Small ones, which others wait for, are never left.
 */
export class ReceiveBudget {
  #limit = Number.POSITIVE_INFINITY;

  /** How many messages the next receive may ask for: 1 to `maxMessages`. */
  messages(maxMessages: number): number {
    return Math.min(maxMessages, this.#limit);
  }

  /** Whether a receive that has kept so many bytes may keep this body. */
  keeps(keptBytes: number, bodyBytes: number): boolean {
    return keptBytes < RECEIVE_BYTES_MAX || bodyBytes <= SMALL_BYTES;
  }

  /** Call it after each receive, with how many messages were kept and how many left. */
  received(kept: number, left: number): void {
    if (left > 0) this.#limit = Math.max(1, Math.floor(kept / 2));
    else if (kept > 0) this.#limit *= 2;
  }
}
