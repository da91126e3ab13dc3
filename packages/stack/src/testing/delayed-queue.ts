/** Runs work in the order in which it was added, each piece after its own delay. */
export class DelayedQueue {
  readonly #waiting: { readonly dueMs: number; readonly work: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Without a delay, and with nothing waiting, the work runs at once. */
  add(delayMs: number, work: () => void): void {
    if (delayMs <= 0 && this.#waiting.length === 0) {
      work();
      return;
    }
    this.#waiting.push({ dueMs: performance.now() + delayMs, work });
    if (this.#timer === undefined) this.#arm();
  }

  /** Drops the work that has not run yet. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  #arm(): void {
    const next = this.#waiting[0];
    this.#timer =
      next === undefined
        ? undefined
        : setTimeout(() => this.#run(), Math.max(0, next.dueMs - performance.now()));
  }

  #run(): void {
    this.#waiting.shift()?.work();
    this.#arm();
  }
}
