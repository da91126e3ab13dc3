import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { type FloorFacts, isAwaited, nextFloor } from '../domain/next-floor.js';
import { timeLiteral, timeOf } from './formatted.js';
import { listWatermarks, type Watermark } from './list-watermarks.js';
import { changeRows, selectRows } from './rows.js';

/** The floor, and what decided about it; times in milliseconds since the epoch. */
export interface RaisedFloor {
  readonly floorMs: number;
  /** The database's clock. */
  readonly nowMs: number;
  /** The participant with the oldest unsettled transaction; undefined when none is known. */
  readonly oldest: Watermark | undefined;
  /** Participants that hold the floor though they never reported. */
  readonly awaited: readonly Watermark[];
}

/**
 * Raises the floor as far as retention and all participants allow. It waits for the transactions that have read it, and
 * those that come later read the new one; commit it before anything below it is purged.
 */
export async function raiseFloor(
  tx: Queryable,
  { retentionMs, maxStepMs }: Pick<FloorFacts, 'retentionMs' | 'maxStepMs'>,
): Promise<RaisedFloor> {
  const [row] = await selectRows<{ floor: string; now: string }>(
    tx,
    sql`SELECT floor, NOW(3) AS now FROM retention WHERE id = 1 FOR UPDATE`,
  );
  if (!row) throw new Error('the row of table retention is missing: run the migrations');
  const watermarks = await listWatermarks(tx);
  const nowMs = timeOf(row.now);
  const awaited = watermarks.filter((watermark) => isAwaited(watermark, { nowMs, retentionMs }));
  const holding = new Set([...watermarks.filter(({ reportMs }) => reportMs !== undefined), ...awaited]);
  // One that is awaited no longer still makes the floor move.
  const oldestUnsettledMs = watermarks.map((one) => (holding.has(one) ? one.oldestUnsettledMs : nowMs));
  const floorMs = nextFloor({ floorMs: timeOf(row.floor), nowMs, retentionMs, maxStepMs, oldestUnsettledMs });
  await changeRows(tx, sql`UPDATE retention SET floor = ${timeLiteral(floorMs)} WHERE id = 1`);
  const [oldest] = [...holding].sort((a, b) => a.oldestUnsettledMs - b.oldestUnsettledMs);
  return { floorMs, nowMs, oldest, awaited };
}
