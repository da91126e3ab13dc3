import type { Logger } from '@txmsg/core';

/** What `createLogger` creates. `fatal` logs why a service could not start. */
export interface ServiceLogger extends Logger {
  fatal(fields: object, message: string): void;
}

/** What a service's body gets: a signal that tells it to stop, and a place to register what must be closed. */
export interface ServiceScope {
  readonly logger: Logger;
  /** Aborted at SIGTERM or SIGINT, before anything is closed. */
  readonly signal: AbortSignal;
  /** Registers what to do at the stop. It runs in reverse order of registration. */
  onStop(name: string, close: () => Promise<void> | void): void;
}

/**
 * Runs a service until SIGTERM or SIGINT: calls `start`, waits for the signal, closes what was registered in reverse
 * order, and exits with 0.
 *
 * A failed start closes what was opened and exits with 1. A stop that takes longer than `graceMs`, or a second signal,
 * exits with 1 at once.
 */
export async function runService(
  logger: ServiceLogger,
  graceMs: number,
  start: (scope: ServiceScope) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const closers: { name: string; close: () => Promise<void> | void }[] = [];
  const stopped = new Promise<void>((resolve) => {
    const onSignal = (name: NodeJS.Signals) => {
      if (stopping.signal.aborted) process.exit(1);
      logger.info({ signal: name }, 'stopping');
      stopping.abort();
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
  let exitCode = 0;
  try {
    const scope: ServiceScope = {
      logger,
      signal: stopping.signal,
      onStop: (name, close) => void closers.push({ name, close }),
    };
    await start(scope);
    await stopped;
  } catch (error) {
    logger.fatal({ err: error }, 'start failed');
    exitCode = 1;
    stopping.abort();
  }
  const overdue = setTimeout(() => {
    logger.error({ graceMs }, 'stop took longer than the grace time');
    process.exit(1);
  }, graceMs);
  for (const { name, close } of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      logger.error({ err: error, part: name }, 'close failed');
      exitCode = 1;
    }
  }
  clearTimeout(overdue);
  logger.info({}, 'stopped');
  process.exit(exitCode);
}
