import type { Database } from './database.js';
import { sql } from './drizzle.js';

/** Knows whether a table has the columns that a later migration adds: new code also runs on the schema before it. */
export interface ColumnWatch {
  /** True when all of the columns exist. False until `look` has seen them. */
  readonly present: boolean;
  /** Looks until the columns exist, and never again. Call it at the start and at each ping. */
  look(): Promise<void>;
}

/** Creates the watch of some columns of one table. */
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
