import type { Queryable } from '@txmsg/mysql';
import { gt } from '@txmsg/mysql/drizzle';
import { adminAction } from './schema.js';

/** An action of a person as it is stored. */
export type AdminActionRow = typeof adminAction.$inferSelect;

/** Reads up to `limit` actions above `afterId`, in the order in which they were done. */
export function listAdminActions(tx: Queryable, afterId: bigint, limit: number): Promise<AdminActionRow[]> {
  return tx
    .select()
    .from(adminAction)
    .where(gt(adminAction.id, afterId))
    .orderBy(adminAction.id)
    .limit(limit);
}
