import type { TestDatabase } from '@txmsg/stack/testing';
import { type DatabaseName, switchPrimary } from '@txmsg/testbed';
import type { Pool, PoolConnection, RowDataPacket } from 'mysql2/promise';
import { faultResources } from '../fault-resources.js';
import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';
import { linksOf } from './link-faults.js';

/** A statement may have to wait for those of the services. */
const TIMEOUT_MS = 20_000;
const NEWEST = 20;

/** The server refuses all writes of the services, on their existing connections, until the fault is undone. */
export async function makeReadOnly({ system }: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const database = databaseOf(system, fault);
  await database.query({ sql: 'SET GLOBAL read_only = 1', timeout: TIMEOUT_MS });
  return { undo: async () => void (await database.query('SET GLOBAL read_only = 0')) };
}

/**
 * A planned switch-over: the standby takes the writes and the address leads new connections to it. Open connections
 * stay on the old primary, which refuses writes from then on. Another switch-over, back, undoes it.
 */
export async function switchDatabase(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const { system, topology } = context;
  const name = fault.target as DatabaseName;
  const primary = system.databases.get(name);
  const standby = system.standbys.get(name);
  if (!primary || !standby) throw new RangeError(`there is no standby of ${name}`);
  const links = linksOf(
    context,
    faultResources(fault, topology).filter((resource) => resource !== name),
  );
  const lead = ({ port }: TestDatabase) => {
    for (const link of links) link.setTarget(`127.0.0.1:${port}`);
  };
  const begin = await switchPrimary(primary, standby);
  lead(standby);
  let written = 0;
  return {
    undo: async () => {
      written = (await switchPrimary(standby, primary)) - begin;
      lead(primary);
    },
    detail: () => `${written} transactions on the standby`,
  };
}

/** Holds the global read lock, as a backup does, until the fault is undone. */
export async function lockAllTables({ system }: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const session = await databaseOf(system, fault).getConnection();
  try {
    await session.query({ sql: 'FLUSH TABLES WITH READ LOCK', timeout: TIMEOUT_MS });
  } catch (error) {
    session.destroy();
    throw error;
  }
  return { undo: async () => session.destroy() };
}

/** A stranger's session locks one row of a table until the fault is undone. The target names the table. */
export async function lockRow(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const session = await databaseOf(context.system, fault).getConnection();
  try {
    const key = await chooseRow(context, session, fault);
    await session.query('START TRANSACTION');
    const { table, column } = TABLES[tableKey(fault)] ?? {};
    await session.query({
      sql: `SELECT 1 FROM ${table} WHERE ${column} = ? FOR UPDATE`,
      values: [key],
      timeout: TIMEOUT_MS,
    });
    const settledBefore = await countSettled(context);
    let settled = 0;
    return {
      undo: async () => {
        settled = (await countSettled(context)) - settledBefore;
        session.destroy();
      },
      detail: () => `${table} ${key}; ${settled} orders were settled meanwhile`,
    };
  } catch (error) {
    session.destroy();
    throw error;
  }
}

async function countSettled({ system }: ChaosContext): Promise<number> {
  const [rows] = await system.orderDb.query<RowDataPacket[]>(
    "SELECT COUNT(*) AS settled FROM tx_log WHERE state = 'SETTLED'",
  );
  return Number(rows[0]?.settled);
}

interface LockableTable {
  readonly table: string;
  readonly column: string;
  /** Chooses the keys that a lock hurts most: those of orders in progress. */
  readonly candidates: string;
}

const TABLES: Readonly<Record<string, LockableTable>> = {
  'lock-order-row tx_log': {
    table: 'tx_log',
    column: 'tx_no',
    candidates: `SELECT tx_no AS row_key FROM tx_log WHERE state = 'PENDING' LIMIT ${NEWEST}`,
  },
  'lock-order-row orders': {
    table: 'orders',
    column: 'tx_no',
    candidates: `SELECT tx_no AS row_key FROM tx_log WHERE state = 'PENDING' LIMIT ${NEWEST}`,
  },
  'lock-stock-row stock': {
    table: 'stock',
    column: 'product_id',
    candidates: `SELECT product_id AS row_key FROM stock ORDER BY taken_total DESC LIMIT ${NEWEST}`,
  },
  'lock-stock-row tx_log': {
    table: 'tx_log',
    column: 'tx_no',
    candidates: `SELECT tx_no AS row_key FROM tx_log ORDER BY create_time DESC LIMIT ${NEWEST}`,
  },
};

async function chooseRow(
  { random }: ChaosContext,
  session: PoolConnection,
  fault: PlannedFault,
): Promise<string> {
  const [rows] = await session.query<RowDataPacket[]>(TABLES[tableKey(fault)]?.candidates ?? '');
  if (rows.length === 0) throw new Error(`there is no row to lock in ${fault.target}`);
  return String(random.pick(rows).row_key);
}

function tableKey({ kind, target }: PlannedFault): string {
  return `${kind} ${target}`;
}

function databaseOf({ orderDb, stockDb }: ChaosContext['system'], { kind }: PlannedFault): Pool {
  return kind.includes('order') ? orderDb : stockDb;
}
