/** Times of all events are milliseconds since the epoch by the clock of the chaos process. */
interface Timed {
  readonly startMs: number;
  readonly endMs: number;
}

/** What an order asks for. Numbers suffice: the chaos run uses small ones. */
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
  /** Blank: left to the server. */
  readonly txNo: string;
  /** Name of the gRPC status code. */
  readonly code: string;
  /** What the answer says, when the code is OK. */
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
  /** When the code is OK. */
  readonly verdict?: 'COMMIT' | 'ROLLBACK' | 'UNKNOWN';
}

/** A message that the broker delivered to the observer, which consumes the message topic in a group of its own. */
export interface DeliveryEvent {
  readonly type: 'delivery';
  readonly atMs: number;
  readonly messageId: string;
  /** `half` for the message of a local transaction, `outbox` for a re-publication; blank for others. */
  readonly kind: string;
  /** Blank but for `half`. */
  readonly transactionId: string;
  readonly transactions: readonly (readonly [txNo: string, productId: number, payCount: number])[];
}

/** A fault of the nemesis, as it goes on. */
export interface FaultEvent {
  readonly type: 'fault';
  readonly phase: 'begin' | 'end' | 'failed' | 'skipped';
  readonly atMs: number;
  readonly id: number;
  readonly kind: string;
  readonly target: string;
  /** What it did, for people. */
  readonly detail?: string;
}

/** A transaction as a stranger's message names it. */
export interface StrangerTransaction {
  readonly txNo: string;
  /** In decimal digits: such numbers may be larger than JavaScript's. */
  readonly productId: string;
  readonly payCount: number;
}

/** A message on the message topic that isn't of an order: of a producer in another language, or made to do harm. */
export interface StrangerEvent {
  readonly type: 'stranger';
  readonly atMs: number;
  /** What is odd about it, for people. */
  readonly what: string;
  /** SHA-256 of the body as it was sent, in hex. */
  readonly bodyHash: string;
  /** The broker has it for certain. */
  readonly certain: boolean;
  /** What has to be applied, exactly so. */
  readonly must: readonly StrangerTransaction[];
  /** What may be applied, but only so. */
  readonly may: readonly StrangerTransaction[];
  /** Whether the message has to be among the dead letters: `unless-applied` means when one of `may` was not applied. */
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

/** A request to which no definitive answer could be had, though everything was healed. */
export interface GaveUpEvent extends Content {
  readonly type: 'gave-up';
  readonly atMs: number;
  readonly txNo: string;
  /** The last answer. */
  readonly code: string;
  readonly message: string;
}

/** A process that ended though nobody ended it. */
export interface CrashEvent {
  readonly type: 'crash';
  readonly atMs: number;
  readonly process: string;
  /** The end of its log. */
  readonly detail: string;
}

/** Everything that is written down during a run. */
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
