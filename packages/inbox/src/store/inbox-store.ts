import { type ColumnWatch, changeRows, type Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { ContentOf } from '../domain/transaction.js';
import { type AdminActions, createAdminActions } from './admin-actions.js';
import { createDeadLetters, type DeadLetters } from './dead-letters.js';
import { createFloor, type Floor } from './floor.js';
import { createRecords, type Records } from './records.js';
import type { InboxTables } from './tables.js';
import { createWatermarks, type Watermarks } from './watermarks.js';

/** All that an inbox reads and writes, by table. */
export interface InboxStore {
  readonly records: Records;
  readonly deadLetters: DeadLetters;
  readonly adminActions: AdminActions;
  readonly watermarks: Watermarks;
  readonly floor: Floor;
  /**
   * Takes or renews a lease for `forMs` milliseconds of the database's clock.
   *
   * @returns false while another owner holds it
   */
  takeLease(db: Queryable, name: string, owner: string, forMs: number): Promise<boolean>;
}

/**
 * Makes the operations on these tables.
 *
 * @param later says whether the records have the columns of the latest migration
 */
export function createInboxStore(
  tables: InboxTables,
  contentOf: ContentOf,
  later: Pick<ColumnWatch, 'present'>,
): InboxStore {
  const watermarks = createWatermarks(tables);
  return {
    records: createRecords(tables.records, contentOf, later),
    deadLetters: createDeadLetters(tables),
    adminActions: createAdminActions(tables),
    watermarks,
    floor: createFloor(tables, watermarks),
    async takeLease(db, name, owner, forMs) {
      const found = await changeRows(
        db,
        sql`UPDATE ${tables.lease} SET owner = ${owner}, until_time = NOW(3) + INTERVAL ${forMs * 1_000} MICROSECOND
            WHERE name = ${name} AND (owner = ${owner} OR until_time < NOW(3))`,
      );
      return found === 1;
    },
  };
}
