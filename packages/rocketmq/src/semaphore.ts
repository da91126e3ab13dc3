import { BrokerError } from './broker-error.js';

interface Waiter {
  grant(): void;
  refuse(error: BrokerError): void;
}

/** How long, and under whose signal, to wait for a slot. */
export interface AcquireOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Has `slots` holders at most, and `maxWaiting` who wait, first come first served. Beyond that, and after too long a
 * wait, `acquire` rejects with `OVERLOADED`; an aborted wait rejects with `CLOSED`.
 */
export class Semaphore {
  readonly #slots: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<Waiter>();
  #held = 0;
  #closed = false;
  #whenIdle: (() => void)[] = [];

  constructor(slots: number, maxWaiting: number) {
    this.#slots = slots;
    this.#maxWaiting = maxWaiting;
  }

  /** Resolves when a slot is the caller's; each must be given back by one `release`. */
  acquire(options: AcquireOptions): Promise<void> {
    if (this.#closed || options.signal?.aborted) {
      return Promise.reject(new BrokerError('CLOSED', this.#closed ? 'closed' : 'aborted by the caller'));
    }
    if (this.#held < this.#slots) {
      this.#held += 1;
      return Promise.resolve();
    }
    if (this.#waiting.size >= this.#maxWaiting) {
      return Promise.reject(
        new BrokerError('OVERLOADED', `${this.#slots} calls in flight, ${this.#maxWaiting} waiting`),
      );
    }
    return this.#wait(options);
  }

  #wait({ timeoutMs, signal }: AcquireOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(waiter);
      };
      const waiter: Waiter = {
        grant: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiter.refuse(new BrokerError('CLOSED', 'aborted by the caller'));
      const timer = setTimeout(
        () => waiter.refuse(new BrokerError('OVERLOADED', `no free slot in ${timeoutMs} ms`)),
        timeoutMs,
      );
      signal?.addEventListener('abort', onAbort);
      this.#waiting.add(waiter);
    });
  }

  /** Gives a slot back; whoever has waited longest gets it. */
  release(): void {
    const [next] = this.#waiting;
    if (next) {
      next.grant();
      return;
    }
    this.#held -= 1;
    if (this.#held === 0) {
      for (const resolve of this.#whenIdle.splice(0)) {
        resolve();
      }
    }
  }

  /** Refuses, with `CLOSED`, all who wait and all who come. Resolves when the last holder has released. */
  close(): Promise<void> {
    this.#closed = true;
    for (const waiter of [...this.#waiting]) {
      waiter.refuse(new BrokerError('CLOSED', 'closed'));
    }
    if (this.#held === 0) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }
}
