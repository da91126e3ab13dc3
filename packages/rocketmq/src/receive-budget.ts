/** Of opened bodies in one receive: 150 groups of a thousand orders, or four bodies of the largest size. */
const RECEIVE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Bounds what the bodies of one receive hold in memory. When they are over the bound the rest is left to come again, and the
 * next receive asks for fewer messages.
 */
export class ReceiveBudget {
  #limit = Number.POSITIVE_INFINITY;

  /** How many messages the next receive may ask for: 1 to `maxMessages`. */
  messages(maxMessages: number): number {
    return Math.min(maxMessages, this.#limit);
  }

  /** Whether bodies of so many bytes are all that one receive may hold. */
  isSpent(bytes: number): boolean {
    return bytes >= RECEIVE_BYTES_MAX;
  }

  /** Told after each receive how many messages it kept, and whether it left others for that reason. */
  received(kept: number, isSpent: boolean): void {
    if (isSpent) this.#limit = Math.max(1, Math.floor(kept / 2));
    else if (kept > 0) this.#limit *= 2;
  }
}
