import type { Queryable } from '@txmsg/mysql';
import { and, asc, eq, gt, inArray, sql } from '@txmsg/mysql/drizzle';
import { txLog } from './schema.js';

/** Leases are given with up to 5 % more by chance; what is within this factor counts as due by the present lag. */
const MARGIN = 1.1;
/** Rows that one call looks at. */
const SCAN = 2_000;

/**
 * Looks at a bounded number of rows that are put off, in the order of their times, and brings forward those that wait
 * longer than a publication of now would make them wait. Rows that others hold are left.
 *
 * @param after where the last call has come to; undefined: from the beginning
 * @returns where this call has come to; undefined when there is no more
 */
export async function hastenRows(
  tx: Queryable,
  now: Date,
  { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number },
  after: Date | undefined,
): Promise<Date | undefined> {
  const shortestMs = now.getTime() + firstMs * MARGIN;
  const from = after && after.getTime() > shortestMs ? after : new Date(shortestMs);
  const rows = await tx
    .select({ txNo: txLog.txNo, nextRelayTime: txLog.nextRelayTime, relayCount: txLog.relayCount })
    .from(txLog)
    .where(and(eq(txLog.state, 'PENDING'), gt(txLog.nextRelayTime, from)))
    .orderBy(asc(txLog.state), asc(txLog.nextRelayTime))
    .limit(SCAN)
    .for('update', { skipLocked: true });
  const delayMs = (relayCount: number) =>
    Math.min(maxMs, firstMs * 2 ** Math.min(Math.max(relayCount, 1) - 1, 30));
  const late = rows.filter(
    ({ nextRelayTime, relayCount }) => nextRelayTime.getTime() > now.getTime() + delayMs(relayCount) * MARGIN,
  );
  if (late.length > 0)
    await bringForward(
      tx,
      late.map(({ txNo }) => txNo),
      now,
      firstMs,
      maxMs,
    );
  return rows.length < SCAN ? undefined : rows.at(-1)?.nextRelayTime;
}

async function bringForward(
  tx: Queryable,
  txNos: string[],
  now: Date,
  firstMs: number,
  maxMs: number,
): Promise<void> {
  const nowText = now.toISOString().slice(0, 23).replace('T', ' ');
  const delayMs = sql`LEAST(${maxMs}, ${firstMs} * POW(2, LEAST(GREATEST(${txLog.relayCount}, 1) - 1, 30)))`;
  await tx
    .update(txLog)
    .set({
      nextRelayTime: sql`${nowText} + INTERVAL ROUND(${delayMs} * (0.95 + 0.1 * RAND()) * 1000) MICROSECOND`,
    })
    .where(inArray(txLog.txNo, txNos));
}
