import type { Connection, RowDataPacket } from 'mysql2/promise';

const GIB = 1024 ** 3;

/**
 * Gives a test server the memory of a production server, and keeps its durability: each commit is flushed to the disk
 * (`innodb_flush_log_at_trx_commit=1`).
 */
export async function tuneDatabase(connection: Connection): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
  const mariadb = String(rows[0]?.version).includes('MariaDB');
  const redoLog = mariadb ? 'innodb_log_file_size' : 'innodb_redo_log_capacity';
  await connection.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
  await connection.query(`SET GLOBAL innodb_buffer_pool_size = ${GIB}`);
  await connection.query(`SET GLOBAL ${redoLog} = ${GIB}`);
}
