import type { Logger } from './logger.js';

/** Logs a line, or only counts it when the previous line is recent. */
export type QuietLog = (fields: object, message: string) => void;

/**
 * Creates a log for frequent events. It writes at most one line per `everyMs`; the field `unsaid` counts the lines left
 * out before it.
 */
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
 * The same limit for callers that write their own lines. Once per `everyMs` it returns the number of refusals since the
 * last line; otherwise it returns undefined, and the caller says nothing.
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
