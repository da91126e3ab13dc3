import type { Queryable } from '@txmsg/mysql';
import { and, eq, inArray, sql } from '@txmsg/mysql/drizzle';
import { txLog } from './schema.js';

/** Gives back the lease of rows whose publication failed: due now, and the publication doesn't count. */
export async function releaseUnsettled(db: Queryable, txNos: readonly string[], now: Date): Promise<void> {
  await db
    .update(txLog)
    .set({ nextRelayTime: now, relayCount: sql`GREATEST(${txLog.relayCount} - 1, 0)` })
    .where(and(inArray(txLog.txNo, [...txNos]), eq(txLog.state, 'PENDING')));
}
