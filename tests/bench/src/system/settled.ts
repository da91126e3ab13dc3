import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, RowDataPacket } from 'mysql2/promise';

const POLL_MS = 10;
const SETTLE_TIMEOUT_MS = 120_000;

/**
 * Waits until no order is unsettled.
 *
 * @throws Error when that takes more than two minutes
 */
export async function untilSettled(orderDb: Pool): Promise<void> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const [rows] = await orderDb.query<RowDataPacket[]>(
      "SELECT 1 FROM tx_log WHERE state = 'PENDING' LIMIT 1",
    );
    if (rows.length === 0) return;
    if (performance.now() > deadline) throw new Error(`orders unsettled after ${SETTLE_TIMEOUT_MS} ms`);
    await sleep(POLL_MS);
  }
}

/** How many groups were ever committed. */
export async function countGroups(orderDb: Pool): Promise<number> {
  const [rows] = await orderDb.query<RowDataPacket[]>(
    "SELECT COUNT(*) AS count FROM tx_group WHERE state = 'LIVE'",
  );
  return Number(rows[0]?.count);
}
