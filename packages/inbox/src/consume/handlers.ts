import type { MessageType } from '@txmsg/contracts/messages';
import type { Queryable } from '@txmsg/mysql';
import type { Decision, Fresh } from '../domain/transaction.js';

/** Decides many transactions in one local transaction. For services through which thousands go per second. */
export interface GroupHandler<M> {
  /**
   * Decides transactions and writes their effects; the inbox records the decisions in the same local transaction. Whatever
   * it throws rolls all of it back. It may run again for the same transactions, so its effects stay inside `tx`.
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
