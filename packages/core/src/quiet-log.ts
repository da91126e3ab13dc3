import type { Logger } from './logger.js';

/** Logs a line, or only counts it when the last one was not long ago. */
export type QuietLog = (fields: object, message: string) => void;

/** Logs what may happen often once per `everyMs`, with `unsaid`: how often nothing was said since. */
export function createQuietLog<Level extends 'warn' | 'error'>(
  logger: Pick<Logger, Level>,
  level: Level,
  everyMs = 60_000,
  now?: () => number,
): QuietLog {
  const ask = createQuietTimes(everyMs, now);
  return (fields, message) => {
    const unsaid = ask();
    if (unsaid !== undefined) logger[level]({ ...fields, unsaid }, message);
  };
}

/**
 * Asked whether to speak, for whoever makes its lines itself: answers once per `everyMs` with the number of times that it
 * was asked in vain since, and undefined in between.
 */
export function createQuietTimes(everyMs: number, now = () => performance.now()): () => number | undefined {
  let quietUntil = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return () => {
    const nowMs = now();
    if (nowMs < quietUntil) {
      unsaid += 1;
      return undefined;
    }
    const told = unsaid;
    quietUntil = nowMs + everyMs;
    unsaid = 0;
    return told;
  };
}
