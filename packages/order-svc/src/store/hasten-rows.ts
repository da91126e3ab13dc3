import type { Queryable } from '@txmsg/mysql';
import { and, asc, eq, gt, inArray, sql } from '@txmsg/mysql/drizzle';
import { txLog } from './schema.js';

/** Leases are given with up to 5 % more by chance; what is within this factor counts as due by the present lag. */
const MARGIN = 1.1;

/**
 * Brings forward rows that were put off under a longer lag: from now on none of them waits longer than a publication of
 * now would make it wait. Rows that others hold are left.
 *
 * @returns how many rows were brought forward, `limit` at most
 */
export async function hastenRows(
  tx: Queryable,
  now: Date,
  { firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number },
  limit: number,
): Promise<number> {
  const nowText = now.toISOString().slice(0, 23).replace('T', ' ');
  const delayMs = sql`LEAST(${maxMs}, ${firstMs} * POW(2, LEAST(GREATEST(${txLog.relayCount}, 1) - 1, 30)))`;
  const rows = await tx
    .select({ txNo: txLog.txNo })
    .from(txLog)
    .where(
      and(
        eq(txLog.state, 'PENDING'),
        // For the index; the next condition says the rest.
        gt(txLog.nextRelayTime, new Date(now.getTime() + firstMs * MARGIN)),
        sql`${txLog.nextRelayTime} > ${nowText} + INTERVAL ROUND(${delayMs} * ${MARGIN} * 1000) MICROSECOND`,
      ),
    )
    .orderBy(asc(txLog.state), asc(txLog.nextRelayTime))
    .limit(limit)
    .for('update', { skipLocked: true });
  if (rows.length === 0) return 0;
  await tx
    .update(txLog)
    .set({
      nextRelayTime: sql`${nowText} + INTERVAL ROUND(${delayMs} * (0.95 + 0.1 * RAND()) * 1000) MICROSECOND`,
    })
    .where(
      inArray(
        txLog.txNo,
        rows.map(({ txNo }) => txNo),
      ),
    );
  return rows.length;
}
