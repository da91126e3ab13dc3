import { format } from 'node:util';
import { createQuietTimes, type Logger } from '@txmsg/core';
import type { ILogger } from 'rocketmq-client-nodejs';

const QUIET_MS = 10_000;
const KINDS_MAX = 200;

/**
 * The logger that the wrapped client gets. The client writes an INFO line per commit, and a hundred lines per second
 * while the broker is down. So info and debug go nowhere. Each kind of warning and error is written as a warning, once
 * in ten seconds, with a count of those left out; our own code reports what matters. `debug()` must exist, or commit()
 * throws after it has committed. The client closes its logger, so `close` does nothing.
 */
export function createClientLogger(logger: Logger, now: () => number = Date.now): ILogger {
  const kinds = new Map<string, () => number | undefined>();
  const write = (...args: unknown[]) => {
    const kind = typeof args[0] === 'string' ? args[0] : 'error';
    const suppressed = timesOf(kind)();
    if (suppressed === undefined) return;
    logger.warn({ suppressed }, `rocketmq client: ${format(...args).slice(0, 1_000)}`);
  };
  const timesOf = (kind: string) => {
    const known = kinds.get(kind);
    if (known) return known;
    if (kinds.size >= KINDS_MAX) kinds.clear();
    const times = createQuietTimes(QUIET_MS, now);
    kinds.set(kind, times);
    return times;
  };
  const drop = () => {};
  return { debug: drop, info: drop, warn: write, error: write, close: drop };
}
