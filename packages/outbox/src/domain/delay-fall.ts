/**
 * Notices that the first delay has become much shorter than those that were given out, so that what waits under the
 * longer ones can be brought forward. A new process doesn't know what others gave out, and looks once.
 */
export class DelayFall {
  #longestMs = Number.POSITIVE_INFINITY;

  /** A delay is given out. Returns it. */
  given(firstMs: number): number {
    this.#longestMs = Math.max(this.#longestMs, firstMs);
    return firstMs;
  }

  /** Rows may wait for longer than this delay says. */
  isBelow(firstMs: number): boolean {
    return firstMs * 1.5 < this.#longestMs;
  }

  /** No row waits for longer than this delay says. */
  caughtUp(firstMs: number): void {
    this.#longestMs = firstMs;
  }
}
