import type { Database } from './database.js';
import { sql } from './drizzle.js';

/** Knows whether a table has the columns that a later migration brings: new code runs on the schema before it, too. */
export interface ColumnWatch {
  /** All of the columns are there. False until `look` has seen them. */
  readonly present: boolean;
  /** Looks until they are there, and never again. For the start and for each ping. */
  look(): Promise<void>;
}

/** Makes the watch of some columns of one table. */
export function createColumnWatch(
  database: Pick<Database, 'run'>,
  table: string,
  columns: readonly string[],
): ColumnWatch {
  let present = false;
  return {
    get present() {
      return present;
    },
    async look() {
      if (present) return;
      const names = sql.join(
        columns.map((column) => sql`${column}`),
        sql`, `,
      );
      const [rows] = await database.run((db) =>
        db.execute(
          sql`SELECT COUNT(*) AS found FROM information_schema.columns
              WHERE table_schema = DATABASE() AND table_name = ${table} AND column_name IN (${names})`,
        ),
      );
      const [row] = rows as unknown as readonly { readonly found: number | string }[];
      present = Number(row?.found) === columns.length;
    },
  };
}
