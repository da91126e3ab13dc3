import { type Logger, sleep } from '@txmsg/core';

/** What a watermark is made of; times in milliseconds since the epoch. */
export interface WatermarkOptions {
  /** Create time of the oldest unsettled transaction; undefined when there is none. Reads all that are unsettled. */
  readonly readOldest: () => Promise<Date | undefined>;
  /** Longest time from a transaction's stamp to its commit. */
  readonly fenceMs: number;
  readonly logger: Logger;
}

/**
 * Every transaction created before this time is settled, and stays settled. Undefined until it could be read once. Asks the
 * database now and then, and never keeps its caller for long. Never rejects.
 */
export type Watermark = (nowMs: number) => Promise<Date | undefined>;

/** The watermark is at least a fence time old, so a third of that more makes little difference. */
const KEPT_FOR_FENCE_TIMES = 1 / 3;
/** Reading takes 1 % of the time at most, however many are unsettled. */
const KEPT_FOR_READINGS = 100;
/** Until the next attempt after one that failed, at most. */
const FAILED_MAX_MS = 60_000;
/** A caller waits no longer for a reading; the next one has what it brings. */
const WAIT_MS = 300;

/**
 * Makes the watermark. What was true once stays true: a settled transaction never becomes unsettled, and a new one is
 * younger than the fence time. So a reading is kept for a third of the fence time, and for a hundred times as long as it
 * and the one before took at least: a single slow one may be a hiccup. Those who ask while one is under way share it. When
 * one is slow or fails, the last that succeeded counts: a backlog too large to be read in time stops the consumers' purge
 * and not the claims.
 */
export function createWatermark({ readOldest, fenceMs, logger }: WatermarkOptions): Watermark {
  let known: Date | undefined;
  let readMs = Number.NEGATIVE_INFINITY;
  let keptForMs = 0;
  let lastTookMs = 0;
  let reading: Promise<void> | undefined;
  const read = async (nowMs: number) => {
    const startedAt = performance.now();
    const tookMs = () => performance.now() - startedAt;
    // A transaction stamped before now may still be on its way to its commit.
    const latestMs = nowMs - fenceMs;
    try {
      const oldest = await readOldest();
      known = new Date(Math.min(oldest?.getTime() ?? latestMs, latestMs));
      const costMs = Math.min(lastTookMs, tookMs());
      lastTookMs = tookMs();
      keptForMs = lastTookMs + Math.max(KEPT_FOR_FENCE_TIMES * fenceMs, KEPT_FOR_READINGS * costMs);
    } catch (error) {
      // The clock may have been ahead when it was read.
      known = known && new Date(Math.min(known.getTime(), latestMs));
      keptForMs = tookMs() + Math.min(FAILED_MAX_MS, KEPT_FOR_READINGS * tookMs());
      logger.warn({ err: error, watermark: known }, 'watermark not read; the last one counts');
    }
    readMs = nowMs;
    reading = undefined;
  };
  return async (nowMs) => {
    // The database's clock may be set back.
    if (reading === undefined && Math.abs(nowMs - readMs) >= keptForMs) reading = read(nowMs);
    if (reading !== undefined) await waitFor(reading, WAIT_MS);
    return known;
  };
}

/** Waits for a promise that never rejects, so long at most. */
async function waitFor(promise: Promise<void>, ms: number): Promise<void> {
  const settled = new AbortController();
  await Promise.race([promise.finally(() => settled.abort()), sleep(ms, settled.signal)]);
}
