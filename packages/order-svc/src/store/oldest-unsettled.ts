import type { Queryable } from '@txmsg/mysql';
import { asc, eq } from '@txmsg/mysql/drizzle';
import { txLog } from './schema.js';

/** Create time of the oldest unsettled transaction; undefined when all are settled. */
export async function oldestUnsettled(db: Queryable): Promise<Date | undefined> {
  const [row] = await db
    .select({ createTime: txLog.createTime })
    .from(txLog)
    .where(eq(txLog.state, 'PENDING'))
    .orderBy(asc(txLog.createTime))
    .limit(1);
  return row?.createTime;
}
