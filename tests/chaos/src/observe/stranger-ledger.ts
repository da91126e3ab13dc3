import type { Pool, RowDataPacket } from 'mysql2/promise';
import { isHandled } from '../check/check-strangers.js';
import type { HistoryEvent, StrangerEvent } from '../history/history-event.js';

/** Knows which messages of strangers the stock service still has to handle. */
export interface StrangerLedger {
  /** Gets every event of the history. */
  note(event: HistoryEvent): void;
  /** How many of those that the broker certainly has are neither applied nor a dead letter. */
  countOpen(stockDb: Pool): Promise<number>;
}

const TIMEOUT_MS = 5_000;

/** Creates an empty ledger. */
export function createStrangerLedger(): StrangerLedger {
  let open: StrangerEvent[] = [];
  return {
    note(event) {
      if (event.type === 'stranger' && event.certain) open.push(event);
      // Messages that were unhandled until now may never come.
      if (event.type === 'fault' && event.phase === 'begin' && event.kind === 'delete-broker-data') open = [];
    },
    async countOpen(stockDb) {
      const [applied, letters] = await Promise.all([
        readTexts(stockDb, "SELECT tx_no AS text FROM tx_log WHERE tx_no LIKE '%-stranger-%'"),
        readTexts(stockDb, 'SELECT body_hash AS text FROM dead_letter'),
      ]);
      open = open.filter((message) => !isHandled(message, applied, letters));
      return open.length;
    },
  };
}

async function readTexts(pool: Pool, sql: string): Promise<Set<string>> {
  const [rows] = await pool.query<RowDataPacket[]>({ sql, timeout: TIMEOUT_MS });
  return new Set(rows.map(({ text }) => String(text)));
}
