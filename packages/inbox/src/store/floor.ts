import { changeRows, type Queryable, selectRows, timeMs, timeText } from '@txmsg/mysql';
import { getTableConfig, sql } from '@txmsg/mysql/drizzle';
import { type FloorFacts, isAwaited, nextFloor } from '../domain/next-floor.js';
import type { InboxTables } from './tables.js';
import type { KnownParticipant, Watermarks } from './watermarks.js';

/** The floor, and what decided about it; times in milliseconds since the epoch. */
export interface RaisedFloor {
  readonly floorMs: number;
  /** The database's clock. */
  readonly nowMs: number;
  /** The participant with the oldest unsettled transaction; undefined when none is known. */
  readonly oldest: KnownParticipant | undefined;
  /** Participants that hold the floor though they never reported. */
  readonly awaited: readonly KnownParticipant[];
}

/** The time below which transactions may have been forgotten; in milliseconds since the epoch. */
export interface Floor {
  /** Reads it without a lock, for showing it. */
  read(db: Queryable): Promise<number>;
  /** Reads it under a shared lock, so that it isn't raised before this transaction has ended. Many may hold the lock. */
  lock(tx: Queryable): Promise<number>;
  /**
   * Reads it for transactions that are about to be applied. It must not pass them before they are committed. It rises by
   * `reachMs` at most meanwhile, whatever a clock does, so that transactions further above it wait for nobody's lock on it;
   * others read it under a shared lock. So do all while the floor is where it begins: from there it may go anywhere.
   *
   * @param oldestMs the lowest create time among them
   * @param reachMs the same in all instances on one database
   */
  readFor(tx: Queryable, oldestMs: number, reachMs: number): Promise<number>;
  /**
   * Raises it as far as retention and all participants allow. It waits for the transactions that have read it, and those
   * that come later read the new one; commit it before anything below it is purged.
   */
  raise(tx: Queryable, limits: Pick<FloorFacts, 'retentionMs' | 'maxStepMs'>): Promise<RaisedFloor>;
}

/** Makes the operations on the floor. */
export function createFloor({ retention }: Pick<InboxTables, 'retention'>, watermarks: Watermarks): Floor {
  // Not FOR SHARE: MariaDB doesn't know it.
  const { name } = getTableConfig(retention);
  const reading = sql.raw(`SELECT floor FROM ${name} WHERE id = 1`);
  const locking = sql.raw(`SELECT floor FROM ${name} WHERE id = 1 LOCK IN SHARE MODE`);
  const lock = (tx: Queryable) => readOne(tx, locking);
  const read = (db: Queryable) => readOne(db, reading);
  return {
    read,
    lock,
    async readFor(tx, oldestMs, reachMs) {
      if (!Number.isFinite(reachMs)) return lock(tx);
      const floorMs = await read(tx);
      return floorMs > 0 && oldestMs >= floorMs + reachMs ? floorMs : lock(tx);
    },
    async raise(tx, limits) {
      const [row] = await selectRows<{ floor: string; now: string }>(
        tx,
        sql`SELECT floor, NOW(3) AS now FROM ${retention} WHERE id = 1 FOR UPDATE`,
      );
      if (!row) throw missingRow();
      const nowMs = timeMs(row.now);
      const raised = raisedFloor(await watermarks.list(tx), {
        ...limits,
        nowMs,
        floorMs: timeMs(row.floor),
      });
      await changeRows(
        tx,
        sql`UPDATE ${retention} SET floor = ${timeText(new Date(raised.floorMs))} WHERE id = 1`,
      );
      return raised;
    },
  };
}

function raisedFloor(
  known: readonly KnownParticipant[],
  facts: Omit<FloorFacts, 'oldestUnsettledMs'>,
): RaisedFloor {
  const awaited = known.filter((one) => isAwaited(one, facts));
  const holding = new Set([...known.filter(({ reportMs }) => reportMs !== undefined), ...awaited]);
  // One that is awaited no longer still makes the floor move.
  const oldestUnsettledMs = known.map((one) => (holding.has(one) ? one.oldestUnsettledMs : facts.nowMs));
  const [oldest] = [...holding].sort((a, b) => a.oldestUnsettledMs - b.oldestUnsettledMs);
  return { floorMs: nextFloor({ ...facts, oldestUnsettledMs }), nowMs: facts.nowMs, oldest, awaited };
}

async function readOne(db: Queryable, statement: ReturnType<typeof sql>): Promise<number> {
  const [row] = await selectRows<{ floor: string }>(db, statement);
  if (!row) throw missingRow();
  return timeMs(row.floor);
}

function missingRow(): Error {
  return new Error('the row of table retention is missing: run the migrations');
}
