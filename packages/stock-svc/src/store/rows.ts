import type { Queryable } from '@txmsg/mysql';
import type { SQL } from '@txmsg/mysql/drizzle';

/** Runs a SELECT and gives its rows as the driver made them: BIGINT as number or string, times as text. */
export async function selectRows<Row>(tx: Queryable, statement: SQL): Promise<readonly Row[]> {
  const [rows] = await tx.execute(statement);
  return rows as unknown as readonly Row[];
}

/** Runs a statement that changes rows and gives the number of rows that it found (changed or not). */
export async function changeRows(tx: Queryable, statement: SQL): Promise<number> {
  const [header] = await tx.execute(statement);
  return header.affectedRows;
}
