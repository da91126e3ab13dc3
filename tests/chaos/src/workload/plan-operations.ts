import type { SeededRandom } from '../random/seeded-random.js';
import { chooseContent, GROWING_PRODUCTS } from './products.js';

/** An order to submit. */
export interface PlannedOrder {
  /** Blank when the server chooses it. */
  readonly txNo: string;
  readonly productId: number;
  readonly payCount: number;
}

/** One step of the workload. */
export type Operation =
  /** One order, waiting for its outcome or not. */
  | { readonly kind: 'order'; readonly order: PlannedOrder; readonly wait: boolean }
  /**
   * Orders at the same moment, in turn on every replica: twins, rivals with one tx_no, and tx_nos that differ in case.
   */
  | { readonly kind: 'together'; readonly orders: readonly PlannedOrder[] }
  /** Orders on one stream. */
  | { readonly kind: 'bulk'; readonly orders: readonly PlannedOrder[] }
  | { readonly kind: 'read'; readonly txNo: string }
  /** The same addition, once or several times. */
  | {
      readonly kind: 'add-stock';
      readonly requestId: string;
      readonly productId: number;
      readonly count: number;
      readonly times: number;
    };

/** A step, and the replica that is asked first. */
export type PlannedOperation = Operation & { readonly replica: number };

const REMEMBERED = 1_000;
const REPLICAS_NUMBERED = 1_000;

/** The endless steps of a workload. The same seed gives the same steps. */
export function* planOperations(random: SeededRandom, prefix: string): Generator<PlannedOperation> {
  const planner = new Planner(random, prefix);
  for (;;) yield { ...planner.next(), replica: random.int(0, REPLICAS_NUMBERED) };
}

class Planner {
  readonly #random: SeededRandom;
  readonly #prefix: string;
  /** Orders of earlier steps: the newest, and some of all times. */
  readonly #earlier: PlannedOrder[] = [];
  #count = 0;
  #steps: readonly (readonly [share: number, step: () => Operation])[];

  constructor(random: SeededRandom, prefix: string) {
    this.#random = random;
    this.#prefix = prefix;
    this.#steps = [
      [0.06, () => this.#twins()],
      [0.05, () => this.#rivals()],
      [0.04, () => this.#casePair()],
      [0.04, () => this.#bulk()],
      [0.05, () => this.#again()],
      [0.02, () => this.#clash()],
      [0.03, () => ({ kind: 'order', order: this.#fresh(), wait: true })],
      [0.02, () => ({ kind: 'order', order: { ...this.#fresh(), txNo: '' }, wait: false })],
      [0.04, () => ({ kind: 'read', txNo: this.#old().txNo })],
      [0.01, () => this.#addStock()],
      [1, () => ({ kind: 'order', order: this.#fresh(), wait: false })],
    ];
  }

  next(): Operation {
    let left = this.#random.next();
    for (const [share, step] of this.#steps) {
      left -= share;
      if (left < 0) return step();
    }
    throw new RangeError('the shares sum up to less than 1');
  }

  #twins(): Operation {
    const order = this.#fresh();
    return { kind: 'together', orders: Array.from({ length: this.#random.int(2, 4) }, () => order) };
  }

  #rivals(): Operation {
    const order = this.#fresh();
    return { kind: 'together', orders: [order, this.#otherContent(order)] };
  }

  #casePair(): Operation {
    const order = this.#fresh();
    const other = { ...chooseContent(this.#random), txNo: order.txNo.toUpperCase() };
    const same = { ...order, txNo: other.txNo };
    return { kind: 'together', orders: [order, this.#random.chance(0.5) ? other : same] };
  }

  #bulk(): Operation {
    const orders = Array.from({ length: this.#random.int(3, 40) }, () => this.#fresh());
    const old = this.#old();
    const known = orders.some(({ txNo }) => txNo === old.txNo);
    return { kind: 'bulk', orders: known ? orders : [...orders, old] };
  }

  #again(): Operation {
    return { kind: 'order', order: this.#old(), wait: false };
  }

  #clash(): Operation {
    return { kind: 'order', order: this.#otherContent(this.#old()), wait: false };
  }

  #addStock(): Operation {
    this.#count += 1;
    const requestId = `${this.#prefix}-add-${this.#count}`;
    const productId = this.#random.pick(GROWING_PRODUCTS);
    return {
      kind: 'add-stock',
      requestId,
      productId,
      count: this.#random.int(1, 20),
      times: this.#random.int(1, 3),
    };
  }

  #otherContent({ txNo, productId, payCount }: PlannedOrder): PlannedOrder {
    return { txNo, productId, payCount: payCount + 1 };
  }

  #fresh(): PlannedOrder {
    this.#count += 1;
    const order = { txNo: this.#newTxNo(), ...chooseContent(this.#random) };
    if (this.#earlier.length < REMEMBERED) this.#earlier.push(order);
    else this.#earlier[this.#random.int(0, REMEMBERED - 1)] = order;
    return order;
  }

  /** An order of an earlier step, or a new one when there is none. */
  #old(): PlannedOrder {
    return this.#earlier.length === 0 ? this.#fresh() : this.#random.pick(this.#earlier);
  }

  /** Short and long ones, with every character that is allowed. */
  #newTxNo(): string {
    const txNo = `${this.#prefix}-${this.#count.toString(36)}`;
    if (!this.#random.chance(0.1)) return txNo;
    return `${txNo}${'_.:-aZ09'.repeat(8)}`.slice(0, 64);
  }
}
