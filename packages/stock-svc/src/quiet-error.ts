import type { Logger } from '@txmsg/service';

/** Logs an error, or only counts it when the last was not long ago. */
export type QuietError = (fields: object, message: string) => void;

/** Logs at error what may happen often, once in `everyMs`, with the number of times that nothing was said between. */
export function createQuietError(
  logger: Pick<Logger, 'error'>,
  everyMs = 60_000,
  now: () => number = () => performance.now(),
): QuietError {
  let quietUntil = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (fields, message) => {
    if (now() < quietUntil) {
      unsaid += 1;
      return;
    }
    logger.error({ ...fields, unsaid }, message);
    quietUntil = now() + everyMs;
    unsaid = 0;
  };
}
