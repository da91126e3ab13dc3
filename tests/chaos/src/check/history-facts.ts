import type {
  Content,
  GaveUpEvent,
  HistoryEvent,
  MemoryEvent,
  OrderState,
  StrangerEvent,
  VerdictEvent,
} from '../history/history-event.js';

/** An answer OK to a submitted order. */
export interface Accepted extends Content {
  readonly orderNo: string;
  /** The tx_no in the answer. */
  readonly answeredTxNo: string;
  readonly endMs: number;
}

/** Everything that was said of one tx_no. */
export interface TxNoFacts {
  readonly accepted: Accepted[];
  /** Contents that were refused with ALREADY_EXISTS. */
  readonly refused: Content[];
  /** Reads that began after an answer OK had arrived, and found nothing. */
  readonly readsLost: number;
  /** Final states that callers saw. */
  readonly outcomes: Set<OrderState>;
}

/** A delivered transaction, once per content. */
export interface DeliveredContent extends Content {
  readonly txNo: string;
  readonly messageId: string;
  readonly deliveries: number;
}

/** A half message that was delivered. */
export interface DeliveredHalf {
  readonly transactionId: string;
  readonly messageId: string;
}

/** A requested addition of stock. */
export interface Addition {
  readonly productId: number;
  readonly count: number;
  /** An answer OK arrived. */
  readonly acknowledged: boolean;
  /** It arrived before the first order was submitted. */
  readonly beforeOrders: boolean;
}

/** A stranger's message, and whether the broker may have lost it. */
export interface StrangerMessageFacts extends StrangerEvent {
  /** The broker's data was deleted after its publication. */
  readonly maybeLost: boolean;
}

/** What the checker must know of a history. */
export interface HistoryFacts {
  readonly txNos: ReadonlyMap<string, TxNoFacts>;
  /** Verdicts per transaction_id, in the order of their arrival. */
  readonly verdicts: ReadonlyMap<string, readonly VerdictEvent[]>;
  readonly delivered: ReadonlyMap<string, DeliveredContent>;
  readonly deliveredHalves: readonly DeliveredHalf[];
  readonly additions: ReadonlyMap<string, Addition>;
  readonly gaveUp: readonly GaveUpEvent[];
  readonly strangers: readonly StrangerMessageFacts[];
  /** The peak memory of each process, over all its lives. */
  readonly memory: ReadonlyMap<string, MemoryEvent>;
  readonly counts: HistoryCounts;
}

/** Counts of the run. */
export interface HistoryCounts {
  /** Calls by `<method> <code>`. */
  readonly calls: ReadonlyMap<string, number>;
  /** Faults that were injected and undone, by kind. */
  readonly faults: ReadonlyMap<string, number>;
  readonly faultsFailed: number;
  readonly crashes: number;
  /** Messages that the observer received. */
  readonly messages: number;
  /** Transactions in them beyond the first delivery of each tx_no. */
  readonly duplicates: number;
  /** Verdicts COMMIT and ROLLBACK. */
  readonly decidedVerdicts: number;
}

/** Reads a history in the order in which it was written. */
export function collectFacts(history: Iterable<HistoryEvent>): HistoryFacts {
  const collector = new FactsCollector();
  for (const event of history) collector.add(event);
  return collector.facts();
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

class FactsCollector {
  readonly #txNos = new Map<string, Writable<TxNoFacts>>();
  readonly #verdicts = new Map<string, VerdictEvent[]>();
  readonly #delivered = new Map<string, Writable<DeliveredContent>>();
  readonly #deliveredTxNos = new Set<string>();
  readonly #halves: DeliveredHalf[] = [];
  readonly #additions = new Map<string, Addition>();
  readonly #gaveUp: GaveUpEvent[] = [];
  readonly #strangers: Writable<StrangerMessageFacts>[] = [];
  readonly #memory = new Map<string, MemoryEvent>();
  readonly #calls = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  readonly #counts = { faultsFailed: 0, crashes: 0, messages: 0, duplicates: 0, decidedVerdicts: 0 };
  #firstSubmitMs = Number.POSITIVE_INFINITY;

  add(event: HistoryEvent): void {
    if (event.type === 'submit') this.#submit(event);
    else if (event.type === 'read') this.#read(event);
    else if (event.type === 'add-stock') this.#addStock(event);
    else if (event.type === 'verdict') this.#verdict(event);
    else if (event.type === 'delivery') this.#delivery(event);
    else if (event.type === 'fault') this.#fault(event);
    else if (event.type === 'gave-up') this.#gaveUp.push(event);
    else if (event.type === 'stranger') this.#strangers.push({ ...event, maybeLost: !event.certain });
    else if (event.type === 'memory') this.#remember(event);
    else this.#counts.crashes += 1;
  }

  facts(): HistoryFacts {
    return {
      txNos: this.#txNos,
      verdicts: this.#verdicts,
      delivered: this.#delivered,
      deliveredHalves: this.#halves,
      additions: this.#additions,
      gaveUp: this.#gaveUp,
      strangers: this.#strangers,
      memory: this.#memory,
      counts: { ...this.#counts, calls: this.#calls, faults: this.#faults },
    };
  }

  #submit(event: Extract<HistoryEvent, { type: 'submit' }>): void {
    count(this.#calls, `${event.via === 'bulk' ? 'SubmitOrders' : 'SubmitOrder'} ${event.code}`);
    this.#firstSubmitMs = Math.min(this.#firstSubmitMs, event.startMs);
    const { productId, payCount, answer } = event;
    if (answer) {
      const facts = this.#factsOf(event.txNo || answer.txNo);
      const { orderNo, txNo: answeredTxNo } = answer;
      facts.accepted.push({ productId, payCount, orderNo, answeredTxNo, endMs: event.endMs });
      if (answer.status !== 'PENDING') facts.outcomes.add(answer.status);
    } else if (event.code === 'ALREADY_EXISTS') {
      this.#factsOf(event.txNo).refused.push({ productId, payCount });
    }
  }

  #read(event: Extract<HistoryEvent, { type: 'read' }>): void {
    count(this.#calls, `GetOrder ${event.code}`);
    const facts = this.#factsOf(event.txNo);
    if (event.answer && event.answer.status !== 'PENDING') facts.outcomes.add(event.answer.status);
    const known = facts.accepted.some(({ endMs }) => endMs < event.startMs);
    if (event.code === 'NOT_FOUND' && known) facts.readsLost += 1;
  }

  #addStock(event: Extract<HistoryEvent, { type: 'add-stock' }>): void {
    count(this.#calls, `AddStock ${event.code}`);
    const earlier = this.#additions.get(event.requestId);
    const acknowledged = event.code === 'OK' || (earlier?.acknowledged ?? false);
    const now = event.code === 'OK' && event.endMs <= this.#firstSubmitMs;
    this.#additions.set(event.requestId, {
      productId: event.productId,
      count: event.count,
      acknowledged,
      beforeOrders: now || (earlier?.beforeOrders ?? false),
    });
  }

  #verdict(event: VerdictEvent): void {
    count(this.#calls, `CheckTransaction ${event.code}`);
    const verdicts = this.#verdicts.get(event.transactionId) ?? [];
    verdicts.push(event);
    this.#verdicts.set(event.transactionId, verdicts);
    if (event.verdict === 'COMMIT' || event.verdict === 'ROLLBACK') this.#counts.decidedVerdicts += 1;
  }

  #delivery({ messageId, transactionId, transactions }: Extract<HistoryEvent, { type: 'delivery' }>): void {
    this.#counts.messages += 1;
    if (transactionId !== '') this.#halves.push({ transactionId, messageId });
    for (const [txNo, productId, payCount] of transactions) {
      if (this.#deliveredTxNos.has(txNo)) this.#counts.duplicates += 1;
      this.#deliveredTxNos.add(txNo);
      const key = `${txNo} ${productId} ${payCount}`;
      const known = this.#delivered.get(key);
      if (known) known.deliveries += 1;
      else this.#delivered.set(key, { txNo, productId, payCount, messageId, deliveries: 1 });
    }
  }

  #fault({ phase, kind }: Extract<HistoryEvent, { type: 'fault' }>): void {
    if (phase === 'end') count(this.#faults, kind);
    if (phase === 'failed') this.#counts.faultsFailed += 1;
    if (phase === 'begin' && kind === 'delete-broker-data') {
      for (const stranger of this.#strangers) stranger.maybeLost = true;
    }
  }

  #remember(event: MemoryEvent): void {
    if (event.peakBytes > (this.#memory.get(event.process)?.peakBytes ?? 0)) {
      this.#memory.set(event.process, event);
    }
  }

  #factsOf(txNo: string): Writable<TxNoFacts> {
    const known = this.#txNos.get(txNo);
    if (known) return known;
    const fresh = { accepted: [], refused: [], readsLost: 0, outcomes: new Set<OrderState>() };
    this.#txNos.set(txNo, fresh);
    return fresh;
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
