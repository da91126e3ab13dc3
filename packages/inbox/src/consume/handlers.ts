import type { MessageType } from '@txmsg/contracts/messages';
import type { LentClient, Queryable } from '@txmsg/mysql';
import type { Decision, Fresh } from '../domain/transaction.js';

/** Decides many transactions in one local transaction. For services through which thousands go per second. */
export interface GroupHandler<M> {
  /**
   * Decides transactions and writes their effects; the inbox records the decisions in the same local transaction. Whatever
   * it throws rolls all of it back. What is none of the database's errors counts against the messages: they are tried
   * singly, and one that fails again and again becomes a dead letter. It may run again for the same transactions, so its effects stay inside `tx`.
   *
   * @param fresh in the order of arrival, each txNo once; at least one
   * @returns one decision for each, in their order
   */
  apply(tx: Queryable, fresh: readonly Fresh<M>[]): Promise<readonly Decision[]>;
  /** The rows that messages need, so that groups can go around those that somebody else keeps locked. */
  readonly locks?: RowLocks<M>;
}

/** Which of the service's own rows a message locks. */
export interface RowLocks<M> {
  /** What the rows are, in alarms, such as `products`. */
  readonly name: string;
  /** The keys of the rows that a message needs. */
  keysOf(message: M): readonly string[];
  /**
   * Those of the keys whose row another transaction has locked at this moment; one that another transaction has inserted
   * or deleted and not committed counts.
   *
   * @param connection outside a transaction: its locks end with the statement
   */
  findHeld(connection: Queryable, keys: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Handles transactions of one type in groups. */
export interface GroupRegistration<M = unknown> {
  readonly type: MessageType<M>;
  readonly handler: GroupHandler<M>;
}

/** Reasons are codes, such as `NO_ADDRESS`. */
const REASON = /^[A-Z][A-Z0-9_]{0,63}$/;

/**
 * Thrown by a handler of `each`: takes back what it has written and rejects the transaction. The participant learns the
 * reason, an upper-case code of 1 to 64 letters, digits and underscores.
 */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  readonly reason: string;

  /** @throws RangeError when the reason is no such code */
  constructor(reason: string) {
    super(`rejected: ${reason}`);
    if (!REASON.test(reason)) throw new RangeError(`${reason} is no reason: it must match ${REASON}`);
    this.reason = reason;
  }
}

/** The local transaction of one transaction, in the hands of its handler. */
export interface HandlerTransaction {
  /** drizzle on the connection of the local transaction. */
  readonly db: Queryable;
  /** mysql2 on the same connection. */
  readonly connection: LentClient;
  /** Aborted at the deadline: the connection takes no more statements then. */
  readonly signal: AbortSignal;
}

/**
 * Handles one transaction in a local transaction of its own. It may run again for the same transaction, after a rollback:
 * its effects stay inside `tx`. It returns when the transaction has taken effect, throws `Rejected` to reject it, and
 * anything else to have it tried again.
 */
export type EachHandler<M> = (tx: HandlerTransaction, transaction: Fresh<M>) => Promise<void>;

/** Bounds of a handler of single transactions. */
export interface EachLimits {
  /**
   * Transactions of the type that are handled at the same time, each on a connection of its own. Keep the sum over all
   * types well below the connections of the database: what a hanging handler holds is missing for everything else until
   * its deadline. Default 4.
   */
  readonly concurrency?: number;
  /** How long a handler may take, in milliseconds. Default 30,000. */
  readonly deadlineMs?: number;
}

/** Handles transactions of one type one by one. */
export interface EachRegistration<M = unknown> {
  readonly type: MessageType<M>;
  readonly handler: EachHandler<M>;
  readonly limits: Required<EachLimits>;
}
