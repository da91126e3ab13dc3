import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Effect } from './statement-effects.js';

/** Whether everything that a statement leaves behind is in the connection's database. */
export async function areThere(connection: Connection, effects: readonly Effect[]): Promise<boolean> {
  for (const effect of effects) if (!(await isThere(connection, effect))) return false;
  return true;
}

async function isThere(connection: Connection, effect: Effect): Promise<boolean> {
  const { table } = effect;
  switch (effect.kind) {
    case 'TABLE':
      return (await columnsOf(connection, table)).join() === effect.columns.join();
    case 'NO_TABLE':
      return (await columnsOf(connection, table)).length === 0;
    case 'COLUMN':
    case 'NO_COLUMN':
      return (await columnsOf(connection, table)).includes(effect.name) === (effect.kind === 'COLUMN');
    case 'INDEX':
      return (await indexColumns(connection, table, effect.name)) === effect.columns;
    case 'NO_INDEX':
      return (await indexColumns(connection, table, effect.name)) === '';
    default:
      return (await hasConstraint(connection, table, effect.name)) === (effect.kind === 'CONSTRAINT');
  }
}

/** Column names of a table, in their order. Empty when there is no such table. */
function columnsOf(connection: Connection, table: string): Promise<readonly string[]> {
  return names(
    connection,
    'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position',
    [table],
  );
}

/** The columns of an index as one text, such as `a,b`. Empty when there is no such index. */
async function indexColumns(connection: Connection, table: string, index: string): Promise<string> {
  const columns = await names(
    connection,
    'SELECT column_name AS name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ? ORDER BY seq_in_index',
    [table, index],
  );
  return columns.join();
}

async function hasConstraint(connection: Connection, table: string, name: string): Promise<boolean> {
  const found = await names(
    connection,
    'SELECT constraint_name AS name FROM information_schema.table_constraints WHERE table_schema = DATABASE() AND table_name = ? AND constraint_name = ?',
    [table, name],
  );
  return found.length > 0;
}

async function names(
  connection: Connection,
  query: string,
  values: readonly string[],
): Promise<readonly string[]> {
  const [rows] = await connection.query<(RowDataPacket & { name: string })[]>(query, [...values]);
  return rows.map(({ name }) => name);
}
