import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createWatermark } from './watermark.js';

const FENCE_MS = 30_000;
const START_MS = 1_800_000_000_000;

/** A watermark on readings that the test gives. */
function createTestWatermark() {
  const readings: PromiseWithResolvers<Date | undefined>[] = [];
  const watermark = createWatermark({
    fenceMs: FENCE_MS,
    logger: pino({ level: 'silent' }),
    readOldest: () => {
      const reading = Promise.withResolvers<Date | undefined>();
      readings.push(reading);
      return reading.promise;
    },
  });
  return { readings, at: async (nowMs: number) => (await watermark(nowMs))?.getTime() };
}

describe('createWatermark', () => {
  it('keeps what it read for a third of the fence time, and never moves on by the clock alone', async () => {
    const { readings, at } = createTestWatermark();
    const first = at(START_MS);
    readings[0]?.resolve(undefined);
    expect(await first).toBe(START_MS - FENCE_MS);
    expect(await at(START_MS + 9_999)).toBe(START_MS - FENCE_MS);
    const next = at(START_MS + 11_000);
    readings[1]?.resolve(new Date(START_MS - 50_000));
    expect(await next).toBe(START_MS - 50_000);
    expect(readings).toHaveLength(2);
  });

  it('counts the fence time from before the reading', async () => {
    const { readings, at } = createTestWatermark();
    const first = at(START_MS);
    const shared = at(START_MS + 5_000);
    readings[0]?.resolve(new Date(START_MS + 4_000));
    expect([await first, await shared]).toEqual([START_MS - FENCE_MS, START_MS - FENCE_MS]);
    expect(readings).toHaveLength(1);
  });

  it('keeps a reading for a hundred times as long as it took, when the one before took as long', async () => {
    const { readings, at } = createTestWatermark();
    const readSlowly = async (nowMs: number) => {
      const count = readings.length;
      const startedAt = performance.now();
      const asked = at(nowMs);
      while (performance.now() - startedAt < 150) await new Promise(setImmediate);
      readings[count]?.resolve(undefined);
      await asked;
    };
    await readSlowly(START_MS);
    // The first slow one may be a hiccup, and is kept for a third of the fence time alone.
    await readSlowly(START_MS + 11_000);
    expect(await at(START_MS + 25_900)).toBe(START_MS + 11_000 - FENCE_MS);
    expect(readings).toHaveLength(2);
  });

  it('reads again when the clock was set back', async () => {
    const { readings, at } = createTestWatermark();
    const first = at(START_MS);
    readings[0]?.resolve(undefined);
    await first;
    void at(START_MS - 20_000);
    expect(readings).toHaveLength(2);
  });

  it('tells the last reading after one that failed, nothing before the first, and tries again', async () => {
    const { readings, at } = createTestWatermark();
    const startedAt = performance.now();
    const failing = at(START_MS);
    while (performance.now() - startedAt < 20) await new Promise(setImmediate);
    readings[0]?.reject(new Error('too many'));
    expect(await failing).toBeUndefined();
    expect(await at(START_MS + 1_900)).toBeUndefined();
    expect(readings).toHaveLength(1);
    const again = at(START_MS + 60_000);
    readings[1]?.resolve(undefined);
    expect(await again).toBe(START_MS + 60_000 - FENCE_MS);
    const broken = at(START_MS + 80_000);
    readings[2]?.reject(new Error('too many'));
    expect(await broken).toBe(START_MS + 60_000 - FENCE_MS);
  });

  it('does not keep its callers while a reading is slow, and has what it brought for the next', async () => {
    const { readings, at } = createTestWatermark();
    expect(await at(START_MS)).toBeUndefined();
    readings[0]?.resolve(undefined);
    await Promise.resolve();
    expect(await at(START_MS + 1_000)).toBe(START_MS - FENCE_MS);
    expect(readings).toHaveLength(1);
  });

  it('does not stay in the future when the clock that was ahead is put right and the next reading fails', async () => {
    const { readings, at } = createTestWatermark();
    const ahead = at(START_MS + 3_600_000);
    readings[0]?.resolve(undefined);
    await ahead;
    const right = at(START_MS);
    readings[1]?.reject(new Error('too many'));
    expect(await right).toBe(START_MS - FENCE_MS);
  });
});
