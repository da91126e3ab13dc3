import type { MessageType, TransactionMessage } from '@txmsg/contracts/messages';
import type { Queryable } from '@txmsg/mysql';
import type { Keyed } from '../domain/resolve-duplicates.js';

/**
 * How a service's own rows are written, many in one local transaction, and how they become messages. `Row` is what a caller
 * asks for; `Stored` is what the database holds. For services with many small uniform writes; others use `transaction`.
 */
export interface GroupDefinition<Row extends Keyed, Stored extends Keyed, M> {
  readonly type: MessageType<M>;
  /** Statements that insert the rows, with every value as a literal. They fail with 1062 when a tx_no exists. */
  insertSql(rows: readonly Row[], createTime: Date): readonly string[];
  /** Reads rows by their txNos; those that don't exist are left out. */
  find(db: Queryable, txNos: readonly string[]): Promise<readonly Stored[]>;
  /** The stored row that `insertSql` has made: what its caller is answered. */
  accepted(row: Row, createTime: Date): Stored;
  isSettled(stored: Stored): boolean;
  /** Whether a row asks for the same as another under its tx_no: then it is a retry of that one. */
  sameContent(row: Row, other: Row | Stored): boolean;
  /** The message of a row. */
  message(row: Row): M;
  /** The messages of stored rows, in any order. */
  readMessages(db: Queryable, txNos: readonly string[]): Promise<readonly TransactionMessage<M>[]>;
  /** What `createProbes` writes and takes back to see whether groups can be written. */
  readonly probe: GroupProbe<Row>;
}

/** Statements that try the service's table without leaving anything there. */
export interface GroupProbe<Row> {
  /** Updates no row, by the primary key. */
  readonly updateSql: string;
  /** A row under keys that nobody else has. */
  row(): Row;
  /** Deletes that row. */
  removeSql(row: Row): string;
}
