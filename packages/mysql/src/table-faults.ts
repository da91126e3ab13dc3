import { getTableConfig, type MySqlTable, sql } from './drizzle.js';
import type { Queryable } from './held-connection.js';

const KEY = 'COLLATE ascii_bin';

interface FoundColumn {
  readonly name: string;
  readonly collation: string | null;
}

interface FoundTable {
  readonly engine: string | null;
  readonly columns: Map<string, FoundColumn>;
}

/**
 * What is wrong with the tables of a schema: no transactions, keys that are not compared byte by byte, or a missing
 * migration. Each fault has the statement that fixes it. The character set of other texts is no fault: an older
 * installation may have kept its server's, and the writers of such texts have a form for any character set.
 *
 * @param optional columns as `table.column` that may be missing
 */
export async function tableFaults(
  db: Queryable,
  schema: readonly MySqlTable[],
  optional: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const configs = schema.map((table) => getTableConfig(table));
  const found = await readTables(
    db,
    configs.map(({ name }) => name),
  );
  return configs.flatMap(({ name, columns }) => {
    const table = found.get(name);
    if (table === undefined) return [`The table ${name} is missing: run the migrations.`];
    const wrong = columns.flatMap((column) => {
      const sqlType = column.getSQLType();
      const present = table.columns.get(column.name.toLowerCase());
      if (present === undefined && optional.has(`${name}.${column.name}`)) return [];
      const fault = columnFault(name, present, { name: column.name, sqlType });
      const nullable = column.notNull ? ' NOT NULL' : '';
      return fault === undefined ? [] : [fault.replace('%', nullable)];
    });
    return [...engineFaults(name, table.engine), ...wrong];
  });
}

function engineFaults(table: string, engine: string | null): readonly string[] {
  if (engine?.toLowerCase() === 'innodb') return [];
  return [
    `The table ${table} uses ${engine ?? 'no engine'}, which has no transactions: ALTER TABLE \`${table}\` ENGINE=InnoDB.`,
  ];
}

/** `%` stands for the text that belongs after the type. */
function columnFault(
  table: string,
  found: FoundColumn | undefined,
  { name, sqlType }: { readonly name: string; readonly sqlType: string },
): string | undefined {
  if (found === undefined) return `The column ${table}.${name} is missing: run the migrations.`;
  if (!sqlType.includes(KEY) || found.collation === 'ascii_bin') return undefined;
  return `The key ${table}.${name} is compared by ${found.collation} instead of byte by byte: ALTER TABLE \`${table}\` MODIFY \`${name}\` ${sqlType}%.`;
}

async function readTables(db: Queryable, names: readonly string[]): Promise<ReadonlyMap<string, FoundTable>> {
  const list = sql.join(
    names.map((name) => sql`${name}`),
    sql`, `,
  );
  const [rows] = await db.execute(
    sql`SELECT LOWER(t.table_name) AS tableName, t.engine AS engine, LOWER(c.column_name) AS name,
          c.collation_name AS collation
        FROM information_schema.tables t
        JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
        WHERE t.table_schema = DATABASE() AND t.table_name IN (${list})`,
  );
  const tables = new Map<string, FoundTable>();
  for (const row of rows as unknown as readonly (FoundColumn & {
    tableName: string;
    engine: string | null;
  })[]) {
    const table = tables.get(row.tableName) ?? { engine: row.engine, columns: new Map() };
    table.columns.set(row.name, row);
    tables.set(row.tableName, table);
  }
  return tables;
}
