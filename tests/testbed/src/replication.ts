import type { TestDatabase } from '@txmsg/stack/testing';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

/** Options of a MariaDB server that replicates, or may later. */
export function replicationArgs(serverId: number): string[] {
  return [
    `--server-id=${serverId}`,
    '--log-bin=binlog',
    '--log-slave-updates=ON',
    '--relay-log=relaylog',
    '--gtid-strict-mode=ON',
    // Tests kill its processes, never its machine.
    '--sync-binlog=0',
    '--expire-logs-days=1',
  ];
}

const CATCH_UP_SECONDS = 60;

/** Makes an empty server a read-only copy of another one, and keeps it so. */
export async function followPrimary(standby: TestDatabase, primary: TestDatabase): Promise<void> {
  const connection = await connectTo(standby);
  try {
    await connection.query('SET GLOBAL read_only = 1');
    await startReplica(connection, primary.port);
  } finally {
    connection.destroy();
  }
}

/**
 * Makes the standby the primary, and the primary its standby, without loss: first all writes are refused, then the
 * standby catches up. Sessions stay open; those on the old primary can't write any more.
 *
 * @returns how many transactions the servers have written so far
 * @throws Error when the standby doesn't catch up within a minute; then the primary takes writes again
 */
export async function switchPrimary(from: TestDatabase, to: TestDatabase): Promise<number> {
  const [old, next] = await Promise.all([connectTo(from), connectTo(to)]);
  try {
    await old.query('SET GLOBAL read_only = 1');
    const position = await readText(old, 'SELECT @@gtid_current_pos');
    const waited = await readText(next, `SELECT MASTER_GTID_WAIT('${position}', ${CATCH_UP_SECONDS})`);
    if (waited !== '0') {
      await old.query('SET GLOBAL read_only = 0');
      throw new Error(`the standby did not come to ${position}`);
    }
    await next.query('STOP SLAVE');
    await next.query('RESET SLAVE ALL');
    await next.query('SET GLOBAL read_only = 0');
    await old.query(`SET GLOBAL gtid_slave_pos = '${position}'`);
    await startReplica(old, to.port);
    return Number(position.split('-').at(-1));
  } finally {
    old.destroy();
    next.destroy();
  }
}

async function startReplica(connection: Connection, primaryPort: number): Promise<void> {
  await connection.query(
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${primaryPort}, MASTER_USER = 'txmsg',
       MASTER_PASSWORD = 'txmsg', MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos, MASTER_SSL = 0`,
  );
  await connection.query('START SLAVE');
}

/** Statements that wait for others must end before the connection is given up. */
function connectTo(database: TestDatabase): Promise<Connection> {
  return createConnection(database.url('mysql'));
}

async function readText(connection: Connection, sql: string): Promise<string> {
  const [rows] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true });
  return String((rows[0] as unknown as unknown[])[0]);
}
