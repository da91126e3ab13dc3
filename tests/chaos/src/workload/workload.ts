import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryEvent } from '../history/history-event.js';
import type { SeededRandom } from '../random/seeded-random.js';
import { createOpenRequests } from './open-requests.js';
import type { CallResult, OrderCaller } from './order-caller.js';
import type { Pacer } from './pacer.js';
import { type PlannedOperation, type PlannedOrder, planOperations } from './plan-operations.js';
import { chooseContent } from './products.js';
import type { Addition } from './stock-caller.js';

/** What a workload is made from. */
export interface WorkloadOptions {
  /** One per replica of the order service. */
  readonly callers: readonly OrderCaller[];
  readonly addStock: (addition: Addition, firstReplica: number) => Promise<unknown>;
  readonly random: SeededRandom;
  /** Starts every tx_no and request id. */
  readonly prefix: string;
  readonly pacer: Pacer;
  readonly write: (event: HistoryEvent) => void;
}

/** The callers of the order service. */
export interface Workload {
  /** Submits until the signal is aborted, and waits for the last answers. */
  run(signal: AbortSignal): Promise<void>;
  /** Submits orders of the hot product on one stream. */
  burst(orders: number): Promise<void>;
  /** Repeats every request without a definitive answer, and writes down those that have none at the deadline. */
  finish(timeoutMs: number): Promise<void>;
  /** Repeats some of the accepted orders, at every replica. */
  askAgain(): Promise<void>;
  /** Times of the answers OK since the last call, in milliseconds. */
  takeLatencies(): number[];
}

/** Calls in progress at one replica. Further calls go to another one; when all are full, nothing new begins. */
const MAX_IN_FLIGHT = 64;
/** Unanswered requests. Beyond this number only those are repeated. */
const MAX_OPEN = 3_000;
const RETRIES_A_STEP = 3;
const REMEMBERED = 200;

/** Creates a workload. */
export function createWorkload(options: WorkloadOptions): Workload {
  return new SeededWorkload(options);
}

class SeededWorkload implements Workload {
  readonly #options: WorkloadOptions;
  readonly #operations: Generator<PlannedOperation>;
  readonly #open = createOpenRequests();
  readonly #inFlight: number[];
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #accepted: PlannedOrder[] = [];
  #latencies: number[] = [];
  #bursts = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#operations = planOperations(options.random.fork('operations'), options.prefix);
    this.#inFlight = options.callers.map(() => 0);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#options.pacer.next(signal);
      } catch {
        break; // aborted
      }
      while (this.#full) await Promise.race(this.#underWay);
      const due = this.#open.take(RETRIES_A_STEP, performance.now());
      for (const { order, attempts } of due) this.#track(this.#submit(order, attempts, false));
      if (this.#open.size < MAX_OPEN) this.#track(this.#perform(this.#operations.next().value));
    }
    await Promise.all(this.#underWay);
  }

  async burst(count: number): Promise<void> {
    this.#bursts += 1;
    const random = this.#options.random.fork(`burst ${this.#bursts}`);
    const orders = Array.from({ length: count }, (_, i) => {
      return { txNo: `${this.#options.prefix}-burst-${this.#bursts}-${i}`, ...chooseContent(random) };
    });
    await this.#submitBulk(orders, this.#bursts);
  }

  async finish(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    while (this.#open.size > 0 && performance.now() < deadlineMs) {
      const due = this.#open.take(MAX_IN_FLIGHT, performance.now());
      if (due.length === 0) await sleep(50);
      await Promise.all(due.map(({ order, attempts }) => this.#submit(order, attempts, false)));
    }
    for (const { order, code, message } of this.#open.take(
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    )) {
      this.#options.write({ type: 'gave-up', atMs: Date.now(), ...order, code, message });
    }
  }

  async askAgain(): Promise<void> {
    const orders = [...this.#accepted];
    for (const replica of this.#options.callers.keys()) {
      await Promise.all(orders.map((order) => this.#submit(order, replica, false)));
    }
  }

  takeLatencies(): number[] {
    const latencies = this.#latencies;
    this.#latencies = [];
    return latencies;
  }

  get #full(): boolean {
    return this.#inFlight.every((count) => count >= MAX_IN_FLIGHT);
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  async #perform(operation: PlannedOperation): Promise<void> {
    const { replica } = operation;
    if (operation.kind === 'order') await this.#submit(operation.order, replica, operation.wait);
    else if (operation.kind === 'bulk') await this.#submitBulk(operation.orders, replica);
    else if (operation.kind === 'read') await this.#at(replica, (caller) => caller.read(operation.txNo));
    else if (operation.kind === 'together') {
      await Promise.all(operation.orders.map((order, i) => this.#submit(order, replica + i, false)));
    } else {
      const times = Array.from({ length: operation.times }, (_, i) => i);
      const { requestId, productId, count } = operation;
      await Promise.all(
        times.map((i) => this.#options.addStock({ requestId, productId, count }, replica + i)),
      );
    }
  }

  async #submit(order: PlannedOrder, replica: number, wait: boolean): Promise<void> {
    const result = await this.#at(replica, (caller) => caller.submit(order, wait));
    if (result.code === 'OK' && !wait) this.#latencies.push(result.latencyMs);
    this.#note(order, result);
  }

  async #submitBulk(orders: readonly PlannedOrder[], replica: number): Promise<void> {
    const results = await this.#at(replica, (caller) => caller.submitBulk(orders));
    for (const [index, order] of orders.entries()) this.#note(order, results[index] as CallResult);
  }

  #note(order: PlannedOrder, result: CallResult): void {
    this.#open.note(order, result);
    if (result.code !== 'OK' || order.txNo === '') return;
    if (this.#accepted.length < REMEMBERED) this.#accepted.push(order);
    else if (this.#options.random.chance(0.02)) {
      this.#accepted[this.#options.random.int(0, REMEMBERED - 1)] = order;
    }
  }

  /** Asks the replica, or the next one when too many calls are in progress there. */
  async #at<T>(replica: number, ask: (caller: OrderCaller) => Promise<T>): Promise<T> {
    const { callers } = this.#options;
    let index = replica % callers.length;
    if ((this.#inFlight[index] ?? 0) >= MAX_IN_FLIGHT) index = (index + 1) % callers.length;
    this.#inFlight[index] = (this.#inFlight[index] ?? 0) + 1;
    try {
      return await ask(callers[index] as OrderCaller);
    } finally {
      this.#inFlight[index] = (this.#inFlight[index] ?? 0) - 1;
    }
  }
}
