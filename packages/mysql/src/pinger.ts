import { type Connection, type ConnectionOptions, createConnection, type RowDataPacket } from 'mysql2';
import { beginSession } from './begin-session.js';
import { TransactionTimeoutError } from './errors.js';
import { SHOW_IDENTITY, serverIdentity, type VariableRow, variablesOf } from './server-variables.js';
import type { SessionStatement } from './session-settings.js';

/** Asks a server whether it serves us, on a connection of its own: a pool in full use is no obstacle. */
export interface Pinger {
  /**
   * Rejects when the server doesn't answer all probes within `timeoutMs`.
   *
   * @param anew asks on a new connection, which goes where the address leads to now. The one before is asked instead when
   *   none can be made, as on a server that has too many.
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
  /** Makes statements without rows, which are committed together. */
  readonly writeProbe: () => readonly string[];
  /** Told of each new connection which server it has reached. */
  readonly onServer: (server: string) => void;
}

/** Of a ping's time, what a new connection may take when there is another to ask. */
const NEW_CONNECTION_SHARE = 0.7;
const GOODBYE_MS = 1_000;
/** Of a new connection; longer than a ping, so that a slow server is reached in the end. */
const OPEN_TIMEOUT_MS = 4_000;

/** Makes a pinger; it connects at its first ping, and again when a connection was lost or a probe has failed. */
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
  /** One at a time, which goes on when its ping has ended: slow as the server may be, a later ping finds it. */
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
      // Its own answer decides: a name that can't be resolved or a limit of connections doesn't stop those that are open.
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
        // The server may have been restarted or demoted since: where does the address lead to now?
        await ask(await open(until), until, writing);
      }
    },
    close() {
      for (const connection of opened) drop(connection);
    },
  };
}

/** Awaits what a server answers, until then at most. */
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

/** Ends a connection in order, so that the server logs no loss, and breaks it when the peer is silent. */
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
