import {
  type DueTransaction,
  firstDelayMs,
  LagTracker,
  planClaim,
  type RepublicationLimits,
  relayDelayMs,
} from '../domain/republication.js';

/** What is simulated; rates are transactions a second. */
export interface BacklogOptions extends RepublicationLimits {
  /** Transactions that wait on the broker at the start, written at an even rate over the time before it. */
  readonly backlog: number;
  /** How long it took to gather them, in milliseconds. */
  readonly gatheredMs: number;
  /** Transactions written a second, at a time in milliseconds since the start. */
  readonly arrivals: (timeMs: number) => number;
  /** Transactions that the consumer handles a second, whether they are new to it or not. */
  readonly capacity: number;
  /** False: publish whatever is due, whatever the lag. */
  readonly lagRule: boolean;
  /** Transactions that a second's probe publishes in spite of the lag. */
  readonly probes: number;
  /** The simulation ends after this time, in milliseconds. */
  readonly endMs: number;
}

/** What came of it. */
export interface BacklogResult {
  /** Transactions written. */
  readonly written: number;
  /** Publications by the outbox. */
  readonly republished: number;
  /** Unsettled at the end. */
  readonly unsettled: number;
  /** Messages left on the broker at the end. */
  readonly left: number;
  /** When the broker was first empty again, in milliseconds since the start; undefined when it never was. */
  readonly drainedMs: number | undefined;
}

interface Row extends DueTransaction {
  relayCount: number;
  settled: boolean;
}

interface Message {
  readonly row: Row;
  readonly bornMs: number;
}

const STEP_MS = 200;

/**
 * The outbox, a broker and a consumer with a fixed capacity, in steps of 200 ms and without chance: what is due is claimed,
 * what is published goes to the end of the queue, the consumer takes from its front, and what it takes is settled at once.
 */
export function simulateBacklog(options: BacklogOptions): BacklogResult {
  const world = new World(options);
  let drainedMs: number | undefined;
  for (let nowMs = 0; nowMs < options.endMs && drainedMs === undefined; nowMs += STEP_MS) {
    world.write((options.arrivals(nowMs) * STEP_MS) / 1_000, nowMs);
    world.claim(nowMs);
    world.consume(nowMs);
    if (world.left === 0) drainedMs = nowMs;
  }
  return { ...world.figures, left: world.left, drainedMs };
}

class World {
  readonly #options: BacklogOptions;
  readonly #lag: LagTracker;
  readonly #due = new Map<number, Row[]>();
  readonly #queue: Message[] = [];
  #taken = 0;
  #written = 0;
  #republished = 0;
  #settled = 0;
  #arriving = 0;
  #handling = 0;
  #probedMs = Number.NEGATIVE_INFINITY;

  constructor(options: BacklogOptions) {
    this.#options = options;
    this.#lag = new LagTracker(3 * options.firstMs);
    const { backlog, gatheredMs } = options;
    for (let i = 0; i < backlog; i += 1) this.#add(-gatheredMs + (gatheredMs * i) / backlog);
  }

  get left(): number {
    return this.#queue.length - this.#taken;
  }

  get figures() {
    return {
      written: this.#written,
      republished: this.#republished,
      unsettled: this.#written - this.#settled,
    };
  }

  /** Writes rows and sends their first messages; parts of a row are kept for the next step. */
  write(count: number, nowMs: number): void {
    this.#arriving += count;
    for (; this.#arriving >= 1; this.#arriving -= 1) this.#add(nowMs);
  }

  claim(nowMs: number): void {
    const step = nowMs / STEP_MS;
    const due = (this.#due.get(step) ?? []).filter(({ settled }) => !settled);
    this.#due.delete(step);
    if (due.length === 0) return;
    const { lagRule, firstMs, maxMs } = this.#options;
    const lagMs = lagRule ? this.#lag.lagMs(nowMs) : 0;
    const { publish, postpone } = planClaim(
      due,
      { nowMs, lagMs, probes: this.#takeProbes(nowMs) },
      this.#options,
    );
    const delayMs = lagRule ? firstDelayMs(lagMs, this.#options) : firstMs;
    for (const row of postpone) this.#dueAt(row, row.createTimeMs + delayMs, nowMs);
    for (const row of publish) {
      const limits = { firstMs: delayMs, maxMs: Math.max(maxMs, delayMs) };
      this.#dueAt(row, nowMs + relayDelayMs(row.relayCount, limits), nowMs);
      row.relayCount += 1;
      this.#republished += 1;
      this.#queue.push({ row, bornMs: nowMs });
    }
  }

  consume(nowMs: number): void {
    this.#handling += (this.#options.capacity * STEP_MS) / 1_000;
    for (; this.#handling >= 1 && this.left > 0; this.#handling -= 1) {
      const { row, bornMs } = this.#queue[this.#taken++] as Message;
      this.#lag.record(nowMs - bornMs, nowMs);
      if (!row.settled) this.#settled += 1;
      row.settled = true;
    }
    if (this.left === 0) this.#handling = 0;
  }

  #add(createTimeMs: number): void {
    const row: Row = { txNo: '', createTimeMs, relayCount: 1, settled: false };
    this.#written += 1;
    this.#queue.push({ row, bornMs: createTimeMs });
    const delayMs = this.#options.lagRule
      ? firstDelayMs(this.#lag.lagMs(createTimeMs), this.#options)
      : this.#options.firstMs;
    this.#dueAt(row, createTimeMs + delayMs, createTimeMs);
  }

  #dueAt(row: Row, timeMs: number, nowMs: number): void {
    const step = Math.max(Math.ceil(timeMs / STEP_MS), Math.floor(nowMs / STEP_MS) + 1, 0);
    const rows = this.#due.get(step);
    if (rows) rows.push(row);
    else this.#due.set(step, [row]);
  }

  #takeProbes(nowMs: number): number {
    if (nowMs - this.#probedMs < 1_000) return 0;
    this.#probedMs = nowMs;
    return this.#options.probes;
  }
}
