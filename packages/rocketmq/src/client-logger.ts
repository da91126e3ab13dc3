import { format } from 'node:util';
import type { ILogger } from 'rocketmq-client-nodejs';
import type { BrokerLogger } from './types.js';

const QUIET_MS = 10_000;
const KINDS_MAX = 200;

/**
 * The logger that the wrapped client gets. The client writes an INFO line for each commit and a hundred lines a second
 * while the broker is down, needs `debug()` lest commit() throws after it has committed, and closes its logger: here
 * info and debug go nowhere, each kind of warning and error is written once in ten seconds with a count of what was
 * left out, as a warning (our own code reports what matters), and `close` does nothing.
 */
export function createClientLogger(logger: BrokerLogger, now: () => number = Date.now): ILogger {
  const kinds = new Map<string, { quietUntil: number; dropped: number }>();
  const write = (...args: unknown[]) => {
    const kind = typeof args[0] === 'string' ? args[0] : 'error';
    const seen = kinds.get(kind);
    if (seen && now() < seen.quietUntil) {
      seen.dropped += 1;
      return;
    }
    if (kinds.size >= KINDS_MAX) {
      kinds.clear();
    }
    kinds.set(kind, { quietUntil: now() + QUIET_MS, dropped: 0 });
    logger.warn({ suppressed: seen?.dropped ?? 0 }, `rocketmq client: ${format(...args).slice(0, 1_000)}`);
  };
  const drop = () => {};
  return { debug: drop, info: drop, warn: write, error: write, close: drop };
}
