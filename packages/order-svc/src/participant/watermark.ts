import type { Logger } from '@txmsg/service';

/** What a watermark is made of; times in milliseconds since the epoch. */
export interface WatermarkOptions {
  /** Create time of the oldest unsettled transaction; undefined when there is none. Reads all that are unsettled. */
  readonly readOldest: () => Promise<Date | undefined>;
  /** Longest time from a transaction's stamp to its commit. */
  readonly fenceMs: number;
  readonly logger: Logger;
}

/** A time before which no transaction is unsettled, nor will be; asks the database now and then. Never rejects. */
export type Watermark = (nowMs: number) => Promise<Date>;

/** The watermark is at least a fence time old, so a third of that more makes little difference. */
const KEPT_FOR_FENCE_TIMES = 1 / 3;
/** Reading takes 1 % of the time at most, however many are unsettled. */
const KEPT_FOR_READINGS = 100;

/**
 * Makes the watermark. What was true once stays true: a settled transaction never becomes unsettled, and a new one is
 * younger than the fence time. So a reading is kept for a third of the fence time and for a hundred times as long as it
 * took; those who ask while one is under way share it.
 *
 * When a reading fails, the last that succeeded counts, or the epoch: a backlog too large to be read in time stops the
 * consumers' purge and not the claims.
 */
export function createWatermark({ readOldest, fenceMs, logger }: WatermarkOptions): Watermark {
  let known = new Date(0);
  let readMs = 0;
  let keptForMs = 0;
  let reading: Promise<Date> | undefined;
  const read = async (nowMs: number) => {
    const startedAt = performance.now();
    let leastMs = 0;
    try {
      const oldest = await readOldest();
      // A transaction stamped before now may still be on its way to its commit.
      known = new Date(Math.min(oldest?.getTime() ?? nowMs, nowMs - fenceMs));
      leastMs = KEPT_FOR_FENCE_TIMES * fenceMs;
    } catch (error) {
      logger.warn({ err: error, watermark: known }, 'watermark not read; the last one counts');
    }
    const tookMs = performance.now() - startedAt;
    readMs = nowMs;
    keptForMs = tookMs + Math.max(leastMs, KEPT_FOR_READINGS * tookMs);
    reading = undefined;
    return known;
  };
  return async (nowMs) => {
    // The database's clock may be set back.
    if (reading === undefined && Math.abs(nowMs - readMs) < keptForMs) return known;
    reading ??= read(nowMs);
    return reading;
  };
}
