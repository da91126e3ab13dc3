/** The invariants of docs/design.md. */
export const INVARIANTS = {
  I1: 'a message is delivered only for a committed order, with its content',
  I2: 'every committed order reaches an outcome',
  I3: 'stock is changed exactly once for each tx_no',
  I4: 'stock is never negative, and only what cannot be served is rejected, with a reason',
  I5: 'the sums of each product agree, and so do orders and stock transactions',
  I6: 'one verdict for each transaction_id, and it agrees with the database',
  I7: 'the same tx_no and content gives the same order, other content ALREADY_EXISTS',
  I8: 'an order that was answered OK is in the database as it was answered',
} as const;

/** Name of an invariant. */
export type Invariant = keyof typeof INVARIANTS;

/** A breach of an invariant. */
export interface Violation {
  readonly invariant: Invariant;
  /** What is wrong, for people. */
  readonly message: string;
  /** Evidence: rows, answers, deliveries. */
  readonly evidence: Readonly<Record<string, unknown>>;
}
