import type { Connection, RowDataPacket } from 'mysql2/promise';
import { mysqlErrorNumber } from '../errors.js';
import type { Migration } from './read-migrations.js';

const NO_SUCH_TABLE = 1146;

/** drizzle's own table, as its migrator makes it, so a database may go from one runner to the other. */
const TABLE = `CREATE TABLE IF NOT EXISTS __drizzle_migrations (
  id SERIAL PRIMARY KEY,
  hash TEXT NOT NULL,
  created_at BIGINT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;

/** Creates the table of finished migrations. */
export async function createAppliedMigrations(connection: Connection): Promise<void> {
  await connection.query(TABLE);
}

/** The unfinished migrations, oldest first. */
export async function pendingMigrations(
  connection: Connection,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const newest = await newestApplied(connection);
  return migrations.filter(({ createdAt }) => createdAt > newest);
}

/** Records that a migration is finished. */
export async function insertApplied(connection: Connection, { hash, createdAt }: Migration): Promise<void> {
  await connection.query('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)', [
    hash,
    createdAt,
  ]);
}

async function newestApplied(connection: Connection): Promise<number> {
  try {
    const [rows] = await connection.query<(RowDataPacket & { newest: number | null })[]>(
      'SELECT MAX(created_at) AS newest FROM __drizzle_migrations',
    );
    return Number(rows[0]?.newest ?? 0);
  } catch (error) {
    if (mysqlErrorNumber(error) === NO_SUCH_TABLE) return 0;
    throw error;
  }
}
