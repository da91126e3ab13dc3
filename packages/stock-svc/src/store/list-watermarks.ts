import type { Queryable } from '@txmsg/mysql';
import { watermark } from './schema.js';

/** What a participant reported last; times in milliseconds since the epoch. */
export interface Watermark {
  readonly participant: string;
  readonly oldestUnsettledMs: number;
  /** Undefined when it never reported and is known by its messages only. */
  readonly reportMs: number | undefined;
  /** When its first message came; undefined when that wasn't noted. */
  readonly seenMs: number | undefined;
}

/** Reads all watermarks, by participant. There are as many as services that publish, and 1,000 more at most. */
export async function listWatermarks(tx: Queryable): Promise<Watermark[]> {
  const rows = await tx.select().from(watermark).orderBy(watermark.participant);
  return rows.map(({ participant, oldestUnsettled, updateTime, seenTime }) => ({
    participant,
    oldestUnsettledMs: oldestUnsettled.getTime(),
    reportMs: updateTime?.getTime(),
    seenMs: seenTime?.getTime(),
  }));
}
