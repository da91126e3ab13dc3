import { type Connection, type ConnectionOptions, createConnection, type RowDataPacket } from 'mysql2';
import { beginSession } from './begin-session.js';
import { TransactionTimeoutError } from './errors.js';
import { SHOW_IDENTITY, serverIdentity, type VariableRow, variablesOf } from './server-variables.js';
import type { SessionStatement } from './session-settings.js';

/** Asks a server whether it serves us, on a connection of its own, so it works also while the pool is saturated. */
export interface Pinger {
  /**
   * Rejects when the server doesn't answer all probes within `timeoutMs`.
   *
   * @param anew asks on a new connection, which goes where the address leads to now. When none can be made, as on a
   * server that has too many, asks on the previous one
   * @param writing commits the write probe too
   */
  ping(timeoutMs: number, anew: boolean, writing: boolean): Promise<void>;
  /** Closes the connections. */
  close(): void;
}

/** What a pinger connects to, and what it asks there. */
export interface PingerOptions {
  readonly connection: ConnectionOptions;
  readonly settings: readonly SessionStatement[];
  /** Statements without rows. */
  readonly probes: readonly string[];
  /** Returns statements without rows, which are committed together. */
  readonly writeProbe: () => readonly string[];
  /** Called for each new connection with the server that it reached. */
  readonly onServer: (server: string) => void;
}

/** The share of a ping's time for a new connection while there is another one to ask. */
const NEW_CONNECTION_SHARE = 0.7;
const GOODBYE_MS = 1_000;
/** Timeout of a new connection. It is longer than a ping, so a slow server is reached in the end. */
const OPEN_TIMEOUT_MS = 4_000;

/** Creates a pinger. It connects at its first ping, and again after a lost connection or a failed probe. */
export function createPinger(pinging: PingerOptions): Pinger {
  const { connection: options, settings, probes, writeProbe, onServer } = pinging;
  const opened = new Set<Connection>();
  let kept: Connection | undefined;
  let opening: Promise<Connection> | undefined;
  const drop = (connection: Connection) => {
    if (kept === connection) kept = undefined;
    opened.delete(connection);
    destroy(connection);
  };
  const openNew = async (): Promise<Connection> => {
    const until = performance.now() + OPEN_TIMEOUT_MS;
    const connection = createConnection({ ...options, multipleStatements: true });
    opened.add(connection);
    connection.on('error', () => drop(connection));
    try {
      await within(until, beginSession(connection, settings));
      const [rows] = await within(
        until,
        connection.promise().query<(RowDataPacket & VariableRow)[]>(SHOW_IDENTITY),
      );
      onServer(serverIdentity(variablesOf(rows)));
    } catch (error) {
      drop(connection);
      throw error;
    }
    const before = kept;
    kept = connection;
    if (before) leave(before, drop);
    return connection;
  };
  /**
   * One attempt at a time. It continues after its ping has ended, so a later ping finds it, however slow the server is.
   */
  const open = (until: number): Promise<Connection> => {
    opening ??= openNew().finally(() => {
      opening = undefined;
    });
    return within(until, opening);
  };
  const ask = async (connection: Connection, until: number, writing: boolean) => {
    const written = writing ? writeProbe() : [];
    const statements = written.length === 0 ? probes : [...probes, 'START TRANSACTION', ...written, 'COMMIT'];
    try {
      await within(until, connection.promise().query(statements.join('; ') || 'SELECT 1'));
    } catch (error) {
      drop(connection);
      throw error;
    }
  };
  const openOrKept = async (timeoutMs: number, until: number) => {
    const before = kept;
    if (!before) return open(until);
    try {
      return await open(performance.now() + NEW_CONNECTION_SHARE * timeoutMs);
    } catch {
      // The previous connection's answer decides: an unresolvable name or a connection limit doesn't stop open
      // connections.
      return kept ?? before;
    }
  };
  return {
    async ping(timeoutMs, anew, writing) {
      const until = performance.now() + timeoutMs;
      if (anew || !kept) return ask(await openOrKept(timeoutMs, until), until, writing);
      try {
        await ask(kept, until, writing);
      } catch (error) {
        if (error instanceof TransactionTimeoutError) throw error;
        // The server may have been restarted or demoted since, so ask where the address leads to now.
        await ask(await open(until), until, writing);
      }
    },
    close() {
      for (const connection of opened) drop(connection);
    },
  };
}

/** Awaits a server's answer until the given time. */
async function within<T>(until: number, answer: Promise<T>): Promise<T> {
  const timeoutMs = Math.max(0, until - performance.now());
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TransactionTimeoutError(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a connection in order, so the server logs no loss. Breaks it when the peer is silent. */
function leave(connection: Connection, drop: (connection: Connection) => void): void {
  const timer = setTimeout(() => drop(connection), GOODBYE_MS);
  connection.end(() => {
    clearTimeout(timer);
    drop(connection);
  });
}

/** The driver's own `destroy` waits for the peer's end of the stream, which a silent peer never sends. */
function destroy(connection: Connection): void {
  connection.destroy();
  (connection as Connection & { readonly stream: { destroy(): void } }).stream.destroy();
}
