import { backoffDelayMs, type Logger, sleep } from '@txmsg/core';
import { BrokerError, type BrokerErrorCode } from './broker-error.js';
import { abandonConnections } from './channel.js';
import type { BrokerSession } from './session.js';
import { linkSignals } from './timing.js';

const RETRY = { initialMs: 200, maxMs: 2_000 };
/** A session that hasn't answered a probe for this long is replaced. */
const SILENT_MAX_MS = 6_000;
/** A session that answers probes but has failed every call for this long is replaced. */
const FAILING_MAX_MS = 20_000;
const FAILURES_MAX = 3;

const OUTAGES: ReadonlySet<BrokerErrorCode> = new Set(['UNAVAILABLE', 'TIMEOUT', 'UNKNOWN_OUTCOME']);

/** Options of a Connection. */
export interface ConnectionConfig {
  /** `host:port`, or several separated by `;` or `,`, which are tried in turn. */
  readonly endpoints: string;
  readonly topic: string;
  /** Makes a session, not yet open, that calls `lost` when its telemetry stream breaks. */
  readonly createSession: (endpoints: string, lost: () => void) => BrokerSession;
  readonly logger: Logger;
}

/**
 * Keeps one open session forever: opens it in the background with backoff and jitter, watches it, and replaces it when
 * it stays broken. It is a circuit breaker as well: a failed call makes it probe. While probes fail, or calls fail
 * although probes don't, `available` is false and calls are refused at once.
 */
export class Connection {
  readonly #config: ConnectionConfig;
  readonly #addresses: readonly string[];
  readonly #stop = new AbortController();
  readonly #listeners = new Set<(available: boolean) => void>();
  readonly #running: Promise<void>;
  readonly #retired = new Set<Promise<void>>();
  #session: BrokerSession | undefined;
  #available = false;
  #failures = 0;
  #failingSince = 0;
  #suspect: () => void = () => undefined;

  constructor(config: ConnectionConfig) {
    this.#config = config;
    this.#addresses = config.endpoints.split(/[;,]/).map((address) => address.trim());
    this.#running = this.#run();
  }

  get available(): boolean {
    return this.#available;
  }

  /** Whether `address` is a proxy that this connection was told to use, or that the topic's route names. */
  isOwnProxy(address: string): boolean {
    return this.#addresses.includes(address) || (this.#session?.isOwnProxy(address) ?? false);
  }

  /** See BrokerClient. */
  onAvailable(listener: () => void): () => void {
    return this.onAvailabilityChange((available) => {
      if (available) {
        listener();
      }
    });
  }

  /** See BrokerClient. */
  onAvailabilityChange(listener: (available: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Runs a call on the session and learns from its outcome. While there is no session, rejects with `UNAVAILABLE` at
   * once.
   */
  async run<T>(call: (session: BrokerSession) => Promise<T>): Promise<T> {
    if (this.#stop.signal.aborted) {
      throw new BrokerError('CLOSED', 'closed');
    }
    const session = this.#session;
    if (!session || !this.#available) {
      throw new BrokerError('UNAVAILABLE', 'the broker does not answer');
    }
    try {
      const value = await call(session);
      this.#failures = 0;
      return value;
    } catch (error) {
      if (session === this.#session && error instanceof BrokerError && OUTAGES.has(error.code)) {
        this.#failed();
      }
      throw error;
    }
  }

  #failed(): void {
    if (this.#failures === 0) {
      this.#failingSince = Date.now();
    }
    this.#failures += 1;
    this.#suspect();
  }

  /** Resolves when available, or with false after `timeoutMs`, an abort or the close. */
  async whenAvailable(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.#available) {
      return true;
    }
    const found = new AbortController();
    const forget = this.onAvailable(() => found.abort());
    const linked = linkSignals(found.signal, signal, this.#stop.signal);
    await sleep(timeoutMs, linked.signal);
    linked.unlink();
    forget();
    return this.#available;
  }

  /** Closes the session and waits until nothing of it and its predecessors is left. Idempotent. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#setAvailable(false);
    await this.#running;
    await Promise.all(this.#retired);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const session = await this.#establish();
      if (!session) {
        return;
      }
      this.#session = session;
      this.#failures = 0;
      this.#setAvailable(true);
      await this.#guard(session);
      this.#session = undefined;
      this.#setAvailable(false);
      this.#retire(session);
    }
  }

  /** In the background: saying goodbye to a broker that is down takes a second. */
  #retire(session: BrokerSession): void {
    const closing = session.close();
    this.#retired.add(closing);
    closing.finally(() => this.#retired.delete(closing));
  }

  async #establish(): Promise<BrokerSession | undefined> {
    const { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const address = this.#addresses[attempt % this.#addresses.length] as string;
      const session = this.#config.createSession(address, () => this.#suspect());
      try {
        await session.open(signal);
        return session;
      } catch (error) {
        this.#retire(session);
        if (!signal.aborted && (attempt === 0 || attempt % 20 === 0)) {
          this.#config.logger.warn(
            { err: error, endpoints: address, topic: this.#config.topic, attempt },
            'no session with the broker yet',
          );
        }
        abandonConnections();
        await sleep(backoffDelayMs(attempt + 1, RETRY), signal);
      }
    }
    return undefined;
  }

  /** Returns when the session must be replaced, or at the close. */
  async #guard(session: BrokerSession): Promise<void> {
    const { signal } = this.#stop;
    let pauses = 0;
    const pause = () => {
      pauses += 1;
      return sleep(backoffDelayMs(pauses, RETRY), signal);
    };
    while (!signal.aborted) {
      await this.#suspicion(signal);
      const brokenAt = Date.now();
      while (!signal.aborted && !(await session.answers(signal))) {
        this.#setAvailable(false);
        if (Date.now() - brokenAt > SILENT_MAX_MS) {
          abandonConnections();
          return;
        }
        await pause();
      }
      if (this.#failures >= FAILURES_MAX) {
        this.#setAvailable(false);
        if (Date.now() - this.#failingSince > FAILING_MAX_MS) {
          return;
        }
        await pause();
      } else {
        pauses = 0;
      }
      if (!signal.aborted) {
        this.#setAvailable(true);
      }
    }
  }

  #suspicion(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        this.#suspect = () => undefined;
        resolve();
      };
      this.#suspect = done;
      signal.addEventListener('abort', done);
    });
  }

  #setAvailable(available: boolean): void {
    if (this.#available === available) {
      return;
    }
    this.#available = available;
    const { logger, topic } = this.#config;
    logger.info({ topic }, available ? 'broker available' : 'broker not available');
    for (const listener of [...this.#listeners]) {
      listener(available);
    }
  }
}
