import type { Queryable } from '@txmsg/mysql';
import { gt, sql } from '@txmsg/mysql/drizzle';
import type { InboxTables } from './tables.js';

/** Who did what, to what, and what came of it. */
export interface NewAdminAction {
  readonly actor: string;
  readonly action: 'REPLAY_DEAD_LETTER' | 'DROP_DEAD_LETTER' | 'DELETE_WATERMARK';
  readonly target: string;
  readonly detail: string;
}

/** An action of a person as it is stored. */
export type AdminActionRow = InboxTables['adminAction']['$inferSelect'];

/** What people did through the internal API. */
export interface AdminActions {
  /** Records an action of a person, at the database's time. */
  insert(tx: Queryable, action: NewAdminAction): Promise<void>;
  /** Reads up to `limit` actions above `afterId`, in the order in which they were done. */
  list(db: Queryable, afterId: bigint, limit: number): Promise<AdminActionRow[]>;
}

/** Makes the operations on the table of actions. */
export function createAdminActions({ adminAction }: Pick<InboxTables, 'adminAction'>): AdminActions {
  return {
    async insert(tx, action) {
      await tx.insert(adminAction).values({ ...action, createTime: sql`NOW(3)` });
    },
    list: (db, afterId, limit) =>
      db.select().from(adminAction).where(gt(adminAction.id, afterId)).orderBy(adminAction.id).limit(limit),
  };
}
