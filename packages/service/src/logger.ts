import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/**
 * A JSON logger on standard output. Level from the service's config; every line carries the service's name.
 *
 * @param service name of the service
 * @param level pino's level names, `silent` included
 */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    formatters: { level: (label) => ({ level: label }) },
  });
}
