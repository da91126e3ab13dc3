import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { drizzle, migrate } from './drizzle.js';
import { mysqlErrorNumber } from './errors.js';

const LOCK_NAME = 'txmsg.migrate';
const LOCK_WAIT_SECONDS = 60;

const UNKNOWN_DATABASE = 1049;

/**
 * Brings a database to the newest migration of a folder made by drizzle-kit; makes the database when it doesn't exist.
 * Safe to call from several processes at once: a named lock of the server lets one in at a time.
 */
export async function migrateDatabase(url: string, migrationsFolder: string): Promise<void> {
  await createIfMissing(url);
  const connection = await createConnection({ uri: url, timezone: 'Z', connectTimeout: 10_000 });
  try {
    const [rows] = await connection.query<(RowDataPacket & { got: number | null })[]>(
      'SELECT GET_LOCK(?, ?) AS got',
      [LOCK_NAME, LOCK_WAIT_SECONDS],
    );
    if (rows[0]?.got !== 1)
      throw new Error(`another migration has held the lock ${LOCK_NAME} for ${LOCK_WAIT_SECONDS} s`);
    await migrate(drizzle(connection), { migrationsFolder });
  } finally {
    await connection.end();
  }
}

async function createIfMissing(url: string): Promise<void> {
  try {
    const connection = await createConnection({ uri: url, connectTimeout: 10_000 });
    await connection.end();
  } catch (error) {
    if (mysqlErrorNumber(error) !== UNKNOWN_DATABASE) throw error;
    const server = new URL(url);
    const name = decodeURIComponent(server.pathname.slice(1));
    server.pathname = '';
    const connection = await createConnection({ uri: server.href, connectTimeout: 10_000 });
    await connection.query(
      `CREATE DATABASE IF NOT EXISTS \`${name.replaceAll('`', '``')}\` CHARACTER SET utf8mb4`,
    );
    await connection.end();
  }
}
