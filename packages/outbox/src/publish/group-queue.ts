import { createWaiters } from '@txmsg/core';
import type { Keyed } from '../domain/resolve-duplicates.js';
import type { Refusals } from './refusals.js';

/** The caller that waits for its row. */
export interface Waiting<Stored> {
  /** Since when its caller waits, by `performance.now()`. */
  readonly since: number;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: unknown) => void;
}

/** A row that waits for its group, and the caller that waits for it. */
export type Pending<Row, Stored> = Row & Waiting<Stored>;

/** Forms groups: what arrives while groups are being written, or in one turn of the event loop, is the next one. No timer. */
export interface GroupQueue<Row, Stored> {
  /** Rows that wait for a group. */
  readonly length: number;
  /**
   * Puts a row in the queue; settles when its group is written.
   *
   * @throws TxmsgError RESOURCE_EXHAUSTED when the queue is full; ALREADY_EXISTS when the same tx_no with other content
   *   was accepted just now; and whatever the writer rejects with
   */
  submit(row: Row): Promise<Stored>;
  /** Resolves when the queue has room, in the order of the calls, or when the signal is aborted. */
  hasRoom(signal: AbortSignal): Promise<void>;
  /** Refuses all that wait: the database has gone. */
  rejectAll(reason: (row: Row) => unknown): void;
  /** Waits until nothing waits and nothing is being written. */
  drain(): Promise<void>;
}

/** Bounds of the queue and its groups. */
export interface GroupQueueLimits {
  /** Transactions per group at most. 1 keeps to the format of single messages. */
  readonly maxGroupSize: number;
  /** Rows that may wait. */
  readonly maxQueued: number;
  /** Groups being written at a time. */
  readonly maxGroupsInFlight: number;
}

/** What a queue needs to know about its rows. */
export interface GroupQueueOptions<Row, Stored> extends GroupQueueLimits {
  readonly sameContent: (row: Row, other: Row | Stored) => boolean;
  readonly refusals: Pick<Refusals, 'alreadyExists' | 'queueFull'>;
}

/** Settles every row of its group, and never rejects. */
export type WriteGroup<Row, Stored> = (group: readonly Pending<Row, Stored>[]) => Promise<void>;

/** Makes a queue over a writer. */
export function createGroupQueue<Row extends Keyed, Stored>(
  writeGroup: WriteGroup<Row, Stored>,
  options: GroupQueueOptions<Row, Stored>,
): GroupQueue<Row, Stored> {
  return new Queue(writeGroup, options);
}

/** A turn brings little when less than this part of all that wait has come in it: an eighth. */
const LITTLE = 8;

interface Open<Row, Stored> {
  readonly row: Row;
  readonly answer: Promise<Stored>;
}

class Queue<Row extends Keyed, Stored> implements GroupQueue<Row, Stored> {
  readonly #writeGroup: WriteGroup<Row, Stored>;
  readonly #options: GroupQueueOptions<Row, Stored>;
  #waiting: Pending<Row, Stored>[] = [];
  #inFlight = 0;
  #pumping = false;
  /** Rows that waited at the last look of a pump. */
  #seen = 0;
  /** Rows whose callers have no answer yet, by txNo. */
  readonly #open = new Map<string, Open<Row, Stored>>();
  readonly #idle = createWaiters();
  /** As many are woken as there is room for. */
  readonly #room = createWaiters();

  constructor(writeGroup: WriteGroup<Row, Stored>, options: GroupQueueOptions<Row, Stored>) {
    this.#writeGroup = writeGroup;
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length;
  }

  submit(row: Row): Promise<Stored> {
    const earlier = this.#open.get(row.txNo);
    return earlier ? this.#follow(earlier, row) : this.#enqueue(row);
  }

  hasRoom(signal: AbortSignal): Promise<void> {
    return this.#free > 0 && this.#room.size === 0 ? Promise.resolve() : this.#room.wait(signal);
  }

  rejectAll(reason: (row: Row) => unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#room.wake(this.#free);
    for (const row of waiting) row.reject(reason(row));
    this.#tellIdle();
  }

  async drain(): Promise<void> {
    while (this.#inFlight > 0 || this.#waiting.length > 0) await this.#idle.wait();
  }

  get #free(): number {
    return this.#options.maxQueued - this.#waiting.length;
  }

  #enqueue(row: Row): Promise<Stored> {
    const { length } = this.#waiting;
    if (length >= this.#options.maxQueued) return Promise.reject(this.#options.refusals.queueFull(length));
    const answer = new Promise<Stored>((resolve, reject) =>
      this.#waiting.push({ ...row, since: performance.now(), resolve, reject }),
    );
    const entry = { row, answer };
    this.#open.set(row.txNo, entry);
    const forget = () => {
      if (this.#open.get(row.txNo) === entry) this.#open.delete(row.txNo);
    };
    answer.then(forget, forget);
    this.#pumpSoon();
    return answer;
  }

  /** The same tx_no is under way in this process: a retry shares its answer; other content is refused if it commits. */
  async #follow(earlier: Open<Row, Stored>, row: Row): Promise<Stored> {
    if (this.#options.sameContent(row, earlier.row)) return earlier.answer;
    const accepted = await earlier.answer.catch(() => undefined);
    if (!accepted) return this.#enqueue(row);
    throw this.#options.refusals.alreadyExists(row.txNo);
  }

  /**
   * Cuts the next group at the end of a turn of the event loop that has brought little: what is at the sockets is read first
   * and belongs to it. That makes groups two to three times as large. One row alone waits for one empty turn, and
   * a steady flow for as many turns as it takes until a turn's share has become small.
   */
  #pumpSoon(): void {
    if (this.#pumping || this.#inFlight >= this.#options.maxGroupsInFlight || this.#waiting.length === 0)
      return;
    this.#pumping = true;
    this.#seen = 0;
    setImmediate(this.#pump);
  }

  readonly #pump = (): void => {
    const { length } = this.#waiting;
    const came = length - this.#seen;
    if (length > 0 && length < this.#options.maxGroupSize && came * LITTLE >= length) {
      this.#seen = length;
      setImmediate(this.#pump);
      return;
    }
    this.#pumping = false;
    this.#cutGroups();
    this.#room.wake(this.#free);
  };

  #cutGroups(): void {
    const { maxGroupsInFlight, maxGroupSize } = this.#options;
    while (this.#inFlight < maxGroupsInFlight && this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, maxGroupSize);
      this.#waiting = this.#waiting.slice(maxGroupSize);
      this.#inFlight += 1;
      void this.#writeGroup(group).finally(this.#onWritten);
    }
  }

  readonly #onWritten = (): void => {
    this.#inFlight -= 1;
    this.#pumpSoon();
    this.#room.wake(this.#free);
    this.#tellIdle();
  };

  #tellIdle(): void {
    if (this.#inFlight === 0 && this.#waiting.length === 0) this.#idle.wake();
  }
}
