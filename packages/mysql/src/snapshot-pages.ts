import type { Queryable } from './held-connection.js';
import type { Snapshot } from './snapshot.js';

/** How a list is read page by page. */
export interface SnapshotPages<Row> {
  /** Reads up to `limit` rows whose keys come after one, by key; after the blank one for the first page. */
  readonly read: (db: Queryable, after: string, limit: number) => Promise<readonly Row[]>;
  readonly keyOf: (row: Row) => string;
  /** Rows per page. */
  readonly size: number;
  /** Ends the reading when it is aborted. */
  readonly signal: AbortSignal;
}

/** Reads a list to its end from one snapshot, and closes the snapshot, also when it is left early. */
export async function* snapshotPages<Row>(
  snapshot: Snapshot,
  { read, keyOf, size, signal }: SnapshotPages<Row>,
): AsyncGenerator<readonly Row[]> {
  try {
    for (let after = ''; !signal.aborted; ) {
      const from = after;
      const rows = await snapshot.read((db) => read(db, from, size));
      yield rows;
      const last = rows.at(-1);
      if (rows.length < size || last === undefined) return;
      after = keyOf(last);
    }
  } finally {
    await snapshot.close();
  }
}
