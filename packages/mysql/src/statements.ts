import { format } from 'mysql2';
import { type SQL, sql } from './drizzle.js';
import type { Queryable } from './held-connection.js';

/**
 * A statement whose `?` are replaced by escaped values at once, including lists and lists of rows. For the statements
 * that carry thousands of values: drizzle creates an object per value.
 */
export function formatted(statement: string, values: readonly unknown[]): SQL {
  return sql.raw(format(statement, values as Parameters<typeof format>[1], false, 'Z'));
}

/** Runs a SELECT and returns its rows as the driver gives them: BIGINT as number or string, times as text. */
export async function selectRows<Row>(db: Queryable, statement: SQL): Promise<readonly Row[]> {
  const [rows] = await db.execute(statement);
  return rows as unknown as readonly Row[];
}

/** Runs a statement that changes rows, and returns the number of rows that it found, changed or not. */
export async function changeRows(db: Queryable, statement: SQL): Promise<number> {
  const [header] = await db.execute(statement);
  return header.affectedRows;
}

/** The time in a DATETIME(3) as the driver gives it, in milliseconds since the epoch. */
export function timeMs(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}
