import { createWaiters } from '@txmsg/core';
import type { GroupLimits } from '../domain/group-limits.js';
import { type NewOrder, type Order, sameContent } from '../domain/order.js';
import { alreadyExists, queueFull } from './refusals.js';

/** An order that waits for its group, and the caller that waits for it. */
export interface PendingOrder extends NewOrder {
  /** Since when its caller waits, by `performance.now()`. */
  readonly since: number;
  readonly resolve: (order: Order) => void;
  readonly reject: (error: unknown) => void;
}

/** Forms groups: what arrives while groups are being written, or in one turn of the event loop, is the next one. No timer. */
export interface GroupQueue {
  /** Orders that wait for a group. */
  readonly length: number;
  /**
   * Puts an order in the queue; settles when its group is written.
   *
   * @throws TxmsgError RESOURCE_EXHAUSTED when the queue is full; ALREADY_EXISTS when the same tx_no with other content
   *   was accepted just now; and whatever the writer rejects with
   */
  submit(order: NewOrder): Promise<Order>;
  /** Resolves when the queue has room, in the order of the calls, or when the signal is aborted. */
  hasRoom(signal: AbortSignal): Promise<void>;
  /** Refuses all that wait: the database has gone. */
  rejectAll(reason: (order: NewOrder) => unknown): void;
  /** Waits until nothing waits and nothing is being written. */
  drain(): Promise<void>;
}

/** Bounds of the queue and its groups. */
export interface GroupQueueOptions extends GroupLimits {
  /** Orders that may wait. */
  readonly maxQueued: number;
  /** Groups being written at a time. */
  readonly maxGroupsInFlight: number;
}

/** A turn brings little when less than this part of all that wait has come in it: an eighth. */
const LITTLE = 8;

/**
 * Makes a queue over a writer, which settles every order of its group and never rejects.
 */
export function createGroupQueue(
  writeGroup: (group: readonly PendingOrder[]) => Promise<void>,
  options: GroupQueueOptions,
): GroupQueue {
  let queue: PendingOrder[] = [];
  let inFlight = 0;
  let pumping = false;
  /** Orders that waited at the last look of a pump. */
  let seen = 0;
  const open = new Map<string, { order: NewOrder; answer: Promise<Order> }>();
  const idle = createWaiters();
  /** As many are woken as there is room for. */
  const room = createWaiters();
  const free = () => options.maxQueued - queue.length;

  /**
   * Cuts the next group at the end of a turn of the event loop that has brought little: what is at the sockets is read first
   * and belongs to it. That makes groups two to three times as large. One order alone waits for one empty turn, and
   * a steady flow for as many turns as it takes until a turn's share has become small.
   */
  function pumpSoon(): void {
    if (pumping || inFlight >= options.maxGroupsInFlight || queue.length === 0) return;
    pumping = true;
    seen = 0;
    setImmediate(pump);
  }
  function pump(): void {
    const came = queue.length - seen;
    if (queue.length > 0 && queue.length < options.maxGroupSize && came * LITTLE >= queue.length) {
      seen = queue.length;
      setImmediate(pump);
      return;
    }
    pumping = false;
    while (inFlight < options.maxGroupsInFlight && queue.length > 0) {
      const group = queue.slice(0, options.maxGroupSize);
      queue = queue.slice(options.maxGroupSize);
      inFlight += 1;
      void writeGroup(group).finally(onWritten);
    }
    room.wake(free());
  }
  function onWritten(): void {
    inFlight -= 1;
    pumpSoon();
    room.wake(free());
    tellIdle();
  }
  function tellIdle(): void {
    if (inFlight === 0 && queue.length === 0) idle.wake();
  }
  function enqueue(order: NewOrder): Promise<Order> {
    if (queue.length >= options.maxQueued) return Promise.reject(queueFull(queue.length));
    const answer = new Promise<Order>((resolve, reject) =>
      queue.push({ ...order, since: performance.now(), resolve, reject }),
    );
    const entry = { order, answer };
    open.set(order.txNo, entry);
    const forget = () => {
      if (open.get(order.txNo) === entry) open.delete(order.txNo);
    };
    answer.then(forget, forget);
    pumpSoon();
    return answer;
  }
  return {
    get length() {
      return queue.length;
    },
    submit(order) {
      const earlier = open.get(order.txNo);
      return earlier ? follow(earlier, order, enqueue) : enqueue(order);
    },
    hasRoom: (signal) => (free() > 0 && room.size === 0 ? Promise.resolve() : room.wait(signal)),
    rejectAll(reason) {
      const waiting = queue;
      queue = [];
      room.wake(free());
      for (const order of waiting) order.reject(reason(order));
      tellIdle();
    },
    async drain() {
      while (inFlight > 0 || queue.length > 0) await idle.wait();
    },
  };
}

/** The same tx_no is under way in this process: a retry shares its answer; other content is refused if it commits. */
async function follow(
  earlier: { order: NewOrder; answer: Promise<Order> },
  order: NewOrder,
  enqueue: (order: NewOrder) => Promise<Order>,
): Promise<Order> {
  if (sameContent(earlier.order, order)) return earlier.answer;
  const accepted = await earlier.answer.catch(() => undefined);
  if (!accepted) return enqueue(order);
  throw alreadyExists(order.txNo);
}
