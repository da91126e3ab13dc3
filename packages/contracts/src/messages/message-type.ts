import type { BodyFault } from './body-fault.js';

/** One transaction as it travels: its key, its birth, its content. */
export interface TransactionMessage<M> {
  /** The idempotency key; unique among all transactions of its participant, whatever their types. */
  readonly txNo: string;
  /** Milliseconds since the epoch, by the clock of the participant's database (or of the broker's producer). */
  readonly createTimeMs: number;
  readonly message: M;
}

/** A transaction that was read from a body. */
export interface DecodedTransaction<M> extends TransactionMessage<M> {
  /** The name of its message type. */
  readonly type: string;
}

/** What a message body holds: transactions that can be handled, and faults. One bad entry leaves its neighbours alone. */
export interface DecodedBody<M> {
  readonly transactions: readonly DecodedTransaction<M>[];
  readonly faults: readonly BodyFault[];
}

/** How the bodies of one message type are written and read. */
export interface MessageCodec<M> {
  /** The body of one message that carries these transactions; at least one. */
  encode(entries: readonly TransactionMessage<M>[]): Buffer;
  /**
   * Reads a body. Never throws; the work is bounded whatever the text holds.
   *
   * @param bornTimeMs stands in for a missing create time
   */
  decode(text: string, bornTimeMs: number): DecodedBody<M>;
  /** One message by itself as JSON, for keeping it until it is encoded into a body. */
  write(message: M): string;
  /**
   * Reads what `write` has written.
   *
   * @throws Error for anything else
   */
  read(json: string): M;
}

/** What a transaction adds to an account of the books. */
export interface BookEntry {
  /** The account's name, the same on both sides, such as `product/1`. */
  readonly account: string;
  readonly amount: bigint;
}

/** A kind of message: where it travels, how it is written, and what it means to dedupe and audit. */
export interface MessageType<M> {
  /** Its name on the wire: 1 to 64 of `[A-Za-z0-9_.-]`. */
  readonly type: string;
  readonly topic: string;
  readonly codec: MessageCodec<M>;
  /** What dedupe compares and the audit shows: equal exactly when two messages ask for the same. At most 255 characters. */
  content(message: M): string;
  /** What the message adds to the books when it is applied. */
  book(message: M): readonly BookEntry[];
}
