import { sleep } from '@txmsg/core';
import type { Database } from './database.js';
import { isSaturated } from './errors.js';

/** Knows whether a database is up and takes writes, so callers are refused at once instead of queueing for it. */
export interface DatabaseMonitor {
  readonly available: boolean;
  /**
   * Reports an outage that a caller saw. A quick ping that writes follows at once. When that ping fails too, the
   * database counts as down until a ping succeeds.
   */
  reportOutage(error: unknown): void;
  /** Pings quickly, for trouble that may be an outage. Returns whether the database is up. Never rejects. */
  check(): Promise<boolean>;
  /** Pings forever: every `idleMs` while the database is up, every `downMs` while it is down. Ends with the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/** Timing of the pings, in milliseconds, and callbacks for changes. */
export interface DatabaseMonitorOptions {
  readonly idleMs?: number;
  readonly downMs?: number;
  /** Deadline of a ping. Default 2000. */
  readonly pingTimeoutMs?: number;
  /** Deadline of the ping that follows a reported outage. Default 1000. */
  readonly quickPingTimeoutMs?: number;
  /** Called at each change; `error` is set when the database went down. */
  readonly onChange?: (available: boolean, error?: unknown) => void;
  /** Called after each successful ping, before the database counts as up again. When it fails, the ping has failed. */
  readonly onPing?: () => Promise<void>;
}

/** Creates a monitor. The database counts as up until a ping fails. */
export function createDatabaseMonitor(
  database: Database,
  options: DatabaseMonitorOptions = {},
): DatabaseMonitor {
  const { idleMs = 5_000, downMs = 250, onChange, onPing } = options;
  const { pingTimeoutMs = 2_000, quickPingTimeoutMs = 1_000 } = options;
  let available = true;
  let checking: Promise<boolean> | undefined;
  let wake = new AbortController();
  const set = (value: boolean, error?: unknown) => {
    if (value === available) return;
    available = value;
    onChange?.(value, error);
    wake.abort();
  };
  const quickPing = async () => {
    try {
      await database.ping(quickPingTimeoutMs, false, true);
      return true;
    } catch (error) {
      set(false, error);
      return false;
    } finally {
      checking = undefined;
    }
  };
  const check = () => {
    if (!available) return Promise.resolve(false);
    checking ??= quickPing();
    return checking;
  };
  return {
    get available() {
      return available;
    },
    check,
    reportOutage: () => void check(),
    async run(signal) {
      while (!signal.aborted) {
        try {
          await database.ping(pingTimeoutMs, true, !available);
          await onPing?.();
          set(true);
        } catch (error) {
          // A saturated pool can keep `onPing` from getting a connection; that says nothing about the server.
          if (!isSaturated(error)) set(false, error);
        }
        wake = new AbortController();
        await sleep(available ? idleMs : downMs, AbortSignal.any([signal, wake.signal]));
      }
    },
  };
}
