import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { adminAction } from './schema.js';

/** Who did what, to what, and what came of it. */
export interface NewAdminAction {
  readonly actor: string;
  readonly action: 'REPLAY_DEAD_LETTER' | 'DROP_DEAD_LETTER' | 'DELETE_WATERMARK';
  readonly target: string;
  readonly detail: string;
}

/** Records an action of a person, at the database's time. */
export async function insertAdminAction(tx: Queryable, action: NewAdminAction): Promise<void> {
  await tx.insert(adminAction).values({ ...action, createTime: sql`NOW(3)` });
}
