/** An order in the order database. */
export interface OrderRow {
  readonly txNo: string;
  readonly orderNo: string;
  readonly productId: number;
  readonly payCount: number;
  readonly status: 'PENDING' | 'CONFIRMED' | 'REJECTED';
  readonly statusReason: string;
}

/** A row of the order side's message log. */
export interface OutboxRow {
  readonly txNo: string;
  readonly transactionId: string;
  readonly state: 'PENDING' | 'SETTLED';
  /** Publications, including the half message. */
  readonly relayCount: number;
}

/** A group marker: the verdict on its transaction_id. */
export interface GroupRow {
  readonly transactionId: string;
  readonly state: 'LIVE' | 'FENCED';
}

/** The order database at the end of a run. */
export interface OrderDump {
  readonly orders: readonly OrderRow[];
  readonly outbox: readonly OutboxRow[];
  readonly groups: readonly GroupRow[];
}

/** The stock of a product. */
export interface StockRow {
  readonly productId: number;
  readonly totalCount: number;
  readonly addedTotal: number;
  readonly takenTotal: number;
}

/** An addition of stock. */
export interface StockChangeRow {
  readonly requestId: string;
  readonly productId: number;
  readonly delta: number;
}

/** A transaction on the stock side's record. */
export interface InboxRow {
  readonly txNo: string;
  /** NaN when no JavaScript number holds it exactly. */
  readonly productId: number;
  /** The same in decimal digits. */
  readonly productText: string;
  readonly payCount: number;
  readonly outcome: 'APPLIED' | 'REJECTED';
  readonly reason: string;
}

/** A message that the stock service could not handle. */
export interface DeadLetterRow {
  /** SHA-256 of the body as it came, in hex. */
  readonly bodyHash: string;
  readonly reason: string;
  readonly detail: string;
  readonly attempts: number;
}

/** The stock database at the end of a run. */
export interface StockDump {
  readonly stock: readonly StockRow[];
  readonly changes: readonly StockChangeRow[];
  readonly inbox: readonly InboxRow[];
  readonly deadLetters: readonly DeadLetterRow[];
}
