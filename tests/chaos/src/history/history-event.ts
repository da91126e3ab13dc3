/** All times of events are milliseconds since the epoch, by the clock of the chaos process. */
interface Timed {
  readonly startMs: number;
  readonly endMs: number;
}

/** What an order asks for. JavaScript numbers are enough, because the chaos run uses small values. */
export interface Content {
  readonly productId: number;
  readonly payCount: number;
}

/** A call of SubmitOrder, or one order on a SubmitOrders stream, with its answer. */
export interface SubmitEvent extends Timed, Content {
  readonly type: 'submit';
  /** `wait`: SubmitOrder with wait_for_outcome. */
  readonly via: 'unary' | 'wait' | 'bulk';
  readonly replica: number;
  /** Blank when the server chooses it. */
  readonly txNo: string;
  /** Name of the gRPC status code. */
  readonly code: string;
  /** The content of the answer, when the code is OK. */
  readonly answer?: { readonly txNo: string; readonly orderNo: string; readonly status: OrderState };
  /** The status message, when the code isn't OK. */
  readonly message?: string;
}

/** Status of an order. */
export type OrderState = 'PENDING' | 'CONFIRMED' | 'REJECTED';

/** A call of GetOrder by tx_no. */
export interface ReadEvent extends Timed {
  readonly type: 'read';
  readonly replica: number;
  readonly txNo: string;
  readonly code: string;
  readonly answer?: Content & { readonly orderNo: string; readonly status: OrderState };
}

/** A call of AddStock. */
export interface AddStockEvent extends Timed {
  readonly type: 'add-stock';
  readonly replica: number;
  readonly requestId: string;
  readonly productId: number;
  readonly count: number;
  readonly code: string;
}

/** A call of CheckTransaction by transaction_id. */
export interface VerdictEvent extends Timed {
  readonly type: 'verdict';
  readonly replica: number;
  readonly transactionId: string;
  /** The create time given with the call. */
  readonly stampMs: number;
  readonly code: string;
  /** Set when the code is OK. */
  readonly verdict?: 'COMMIT' | 'ROLLBACK' | 'UNKNOWN';
}

/** A message that the broker delivered to the observer, which consumes the message topic in a group of its own. */
export interface DeliveryEvent {
  readonly type: 'delivery';
  readonly atMs: number;
  readonly messageId: string;
  /** `half` for the message of a local transaction, `outbox` for a re-publication, blank for others. */
  readonly kind: string;
  /** Blank except for `half`. */
  readonly transactionId: string;
  readonly transactions: readonly (readonly [txNo: string, productId: number, payCount: number])[];
}

/** A phase of a fault of the nemesis. */
export interface FaultEvent {
  readonly type: 'fault';
  readonly phase: 'begin' | 'end' | 'failed' | 'skipped';
  readonly atMs: number;
  readonly id: number;
  readonly kind: string;
  readonly target: string;
  /** What the fault did, for people. */
  readonly detail?: string;
}

/** A transaction as a stranger's message names it. */
export interface StrangerTransaction {
  readonly txNo: string;
  /** In decimal digits, because such numbers may exceed JavaScript's. */
  readonly productId: string;
  readonly payCount: number;
}

/** A message on the message topic from a stranger: a producer in another language, or one that means harm. */
export interface StrangerEvent {
  readonly type: 'stranger';
  readonly atMs: number;
  /** What is odd about the message, for people. */
  readonly what: string;
  /** SHA-256 of the body as it was sent, in hex. */
  readonly bodyHash: string;
  /** True when the broker certainly has it. */
  readonly certain: boolean;
  /** Transactions that must be applied, exactly so. */
  readonly must: readonly StrangerTransaction[];
  /** Transactions that may be applied, but only so. */
  readonly may: readonly StrangerTransaction[];
  /** Whether the message must be among the dead letters. `unless-applied`: when one of `may` was not applied. */
  readonly letter: 'always' | 'unless-applied' | 'none';
}

/** The most resident memory that a process has had so far (VmHWM). */
export interface MemoryEvent {
  readonly type: 'memory';
  readonly atMs: number;
  readonly process: string;
  readonly pid: number;
  readonly peakBytes: number;
}

/** A request that got no definitive answer, though everything was healed. */
export interface GaveUpEvent extends Content {
  readonly type: 'gave-up';
  readonly atMs: number;
  readonly txNo: string;
  /** The last answer. */
  readonly code: string;
  readonly message: string;
}

/** A process that ended although no fault ended it. */
export interface CrashEvent {
  readonly type: 'crash';
  readonly atMs: number;
  readonly process: string;
  /** The end of its log. */
  readonly detail: string;
}

/** Everything that a run writes down. */
export type HistoryEvent =
  | SubmitEvent
  | ReadEvent
  | AddStockEvent
  | VerdictEvent
  | DeliveryEvent
  | FaultEvent
  | StrangerEvent
  | MemoryEvent
  | GaveUpEvent
  | CrashEvent;
