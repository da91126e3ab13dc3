import {
  type ColumnWatch,
  changeRows,
  formatted,
  type Queryable,
  selectRows,
  textLiteral,
  timeLiteral,
  timeMs,
  timeText,
} from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { NewRecord } from '../domain/drop-transactions.js';
import type { ContentOf, Decision, RecordedTransaction } from '../domain/transaction.js';
import type { RecordTable } from './tables.js';

/** Which transactions an audit asks for. */
export interface ExportRange {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  /** Only these, whatever their create time; empty: all of the range. */
  readonly txNos: readonly string[];
}

/** The records of decided transactions. */
export interface Records {
  /** Reads those of the txNos that are on record, by txNo. */
  find(db: Queryable, txNos: readonly string[]): Promise<Map<string, RecordedTransaction>>;
  /**
   * Records decisions. A plain INSERT: a txNo that is on record fails it with 1062, and the transaction must be rolled
   * back and run again with the records read first.
   *
   * @param decisionOf the decision on a record, by its index
   */
  insert(
    tx: Queryable,
    records: readonly NewRecord[],
    decisionOf: (index: number) => Decision,
  ): Promise<void>;
  /** Turns a record that this transaction has inserted as applied into a rejected one. */
  reject(tx: Queryable, txNo: string, reason: string): Promise<void>;
  /**
   * Those of the txNos that another transaction has inserted and not committed: an insert of them would wait. One that is
   * committed is on record, so that nobody inserts it.
   *
   * @param connection outside a transaction
   */
  findHeld(connection: Queryable, txNos: readonly string[]): Promise<Set<string>>;
  /** Reads the next records after a txNo, in the byte order of their txNos. */
  export(db: Queryable, range: ExportRange, after: string, limit: number): Promise<RecordedTransaction[]>;
  /**
   * Deletes up to `limit` records from below the floor, in the order of their create time. No one else touches those
   * rows: a message from below the floor is never applied.
   *
   * @param floorMs a floor that is committed
   * @returns how many were deleted
   */
  purge(db: Queryable, floorMs: number, limit: number): Promise<number>;
}

interface Row extends Readonly<Record<string, unknown>> {
  readonly tx_no: string;
  readonly create_time: string;
  readonly outcome: 'APPLIED' | 'REJECTED';
  readonly reason: string;
  readonly participant: string | null;
  readonly type?: string | null;
}

/**
 * Makes the operations on a table of records.
 *
 * @param later says whether the table has the columns of the latest migration; without them they are left out
 */
export function createRecords(
  { name, content }: RecordTable,
  contentOf: ContentOf,
  later: Pick<ColumnWatch, 'present'>,
): Records {
  const contentNames = content.names.join(', ');
  const columns = () =>
    `tx_no, create_time, ${contentNames}, outcome, reason, participant${later.present ? ', type' : ''}`;
  const toRecord = (row: Row): RecordedTransaction => ({
    txNo: row.tx_no,
    createTimeMs: timeMs(row.create_time),
    outcome: row.outcome,
    reason: row.reason,
    participant: row.participant ?? '',
    type: row.type ?? '',
    content: content.read(row),
  });
  return {
    async find(db, txNos) {
      if (txNos.length === 0) return new Map();
      const statement = `SELECT ${columns()} FROM ${name} WHERE tx_no IN (?)`;
      const rows = await selectRows<Row>(db, formatted(statement, [txNos]));
      return new Map(rows.map((row) => [row.tx_no, toRecord(row)]));
    },
    async insert(tx, records, decisionOf) {
      if (records.length === 0) return;
      const hasLater = later.present;
      const names = `tx_no, create_time, ${contentNames}, outcome, reason, participant${hasLater ? ', type, applied_time' : ''}`;
      const rows = rowsOf(records, decisionOf, { content, contentOf, hasLater });
      await changeRows(tx, sql.raw(`INSERT INTO ${name} (${names}) VALUES ${rows.join(', ')}`));
    },
    async reject(tx, txNo, reason) {
      const statement = `UPDATE ${name} SET outcome = 'REJECTED', reason = ? WHERE tx_no = ?`;
      await changeRows(tx, formatted(statement, [reason, txNo]));
    },
    async findHeld(connection, txNos) {
      if (txNos.length === 0) return new Set();
      const statement = formatted(`SELECT tx_no FROM ${name} WHERE tx_no IN (?)`, [txNos]);
      await readUncommittedNext(connection);
      const held = new Set((await selectRows<Row>(connection, statement)).map((row) => row.tx_no));
      if (held.size === 0) return held;
      // Read last: what was committed meanwhile is held no more.
      for (const row of await selectRows<Row>(connection, statement)) held.delete(row.tx_no);
      return held;
    },
    async export(db, { from, to, txNos }, after, limit) {
      const conditions = ['tx_no > ?'];
      const values: unknown[] = [after];
      const add = (condition: string, value: unknown) => {
        conditions.push(condition);
        values.push(value);
      };
      if (txNos.length > 0) add('tx_no IN (?)', txNos);
      if (txNos.length === 0 && from) add('create_time >= ?', timeText(from));
      if (txNos.length === 0 && to) add('create_time < ?', timeText(to));
      const statement = `SELECT ${columns()} FROM ${name} WHERE ${conditions.join(' AND ')} ORDER BY tx_no LIMIT ${limit}`;
      return (await selectRows<Row>(db, formatted(statement, values))).map(toRecord);
    },
    purge: (db, floorMs, limit) =>
      changeRows(
        db,
        formatted(`DELETE FROM ${name} WHERE create_time < ? ORDER BY create_time LIMIT ${limit}`, [
          timeText(new Date(floorMs)),
        ]),
      ),
  };
}

interface RowForm {
  readonly content: RecordTable['content'];
  readonly contentOf: ContentOf;
  readonly hasLater: boolean;
}

/**
 * The rows of an INSERT, in the order of the key: two groups that share txNos then wait for each other and don't deadlock.
 * Written as text, since each order passes it: what the rows of a group share is made once.
 */
function rowsOf(
  records: readonly NewRecord[],
  decisionOf: (index: number) => Decision,
  { content, contentOf, hasLater }: RowForm,
): string[] {
  const txNos = records.map(({ txNo }) => txNo);
  const order = [...records.keys()].sort((a, b) => ((txNos[a] ?? '') < (txNos[b] ?? '') ? -1 : 1));
  const timeOf = remembering((ms: number) => timeLiteral(new Date(ms)));
  const literalOf = remembering(textLiteral);
  const nameOf = (text: string) => (text === '' ? 'NULL' : literalOf(text));
  return order.map((index) => {
    const record = records[index] as NewRecord;
    const { outcome, reason } = decisionOf(index);
    const own = `${textLiteral(record.txNo)}, ${timeOf(record.createTimeMs)}, ${content.literals(record, contentOf)}`;
    const shared = `${literalOf(outcome)}, ${literalOf(reason)}, ${nameOf(record.participant)}`;
    return hasLater ? `(${own}, ${shared}, ${nameOf(record.type)}, NOW(3))` : `(${own}, ${shared})`;
  });
}

/** The function, with the answers that it has given. */
function remembering<Key>(answer: (key: Key) => string): (key: Key) => string {
  const answers = new Map<Key, string>();
  return (key) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const fresh = answer(key);
    answers.set(key, fresh);
    return fresh;
  };
}

/** The next statement, and no other, sees what isn't committed. */
export function readUncommittedNext(connection: Queryable) {
  return connection.execute(sql`SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED`);
}
