import type { Database } from './database.js';
import type { Snapshot } from './snapshot.js';

/** An export of many millions takes minutes. */
const TIMEOUT_MS = 15 * 60_000;

/**
 * Opens a snapshot for an export over RPC; whoever opened it closes it.
 *
 * @param guard runs the opening and each read, and turns their failures into those of an RPC
 */
export async function openExport(
  database: Database,
  guard: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<Snapshot> {
  const snapshot = await guard(() => database.openSnapshot(TIMEOUT_MS));
  return { read: (work) => guard(() => snapshot.read(work)), close: () => snapshot.close() };
}
