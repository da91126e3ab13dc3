import type { Connection } from 'mysql2/promise';
import type { Database } from './database.js';
import { drizzle, sql } from './drizzle.js';
import { endsTransaction } from './ends-transaction.js';
import { isOutage, isRetryable } from './errors.js';
import type { Queryable } from './held-connection.js';

/** What a caller's own code may do on the connection of a transaction, with mysql2's parameters and results. */
export type LentClient = Pick<Connection, 'query' | 'execute'>;

/**
 * A transaction's connection in the hands of a caller's own code, which may throw, hang, or leave statements behind.
 */
export interface LentConnection {
  readonly client: LentClient;
  /** drizzle on the same connection. */
  readonly db: Queryable;
  /**
   * The error of the first statement after which the server may have rolled the transaction back. Undefined if there is
   * none.
   */
  readonly broken: unknown;
  /** Refuses all statements from now on. Returns true when no statement was in progress. */
  takeBack(): boolean;
  /**
   * Closes the connection and ends its session, with the statement in progress there. The server rolls back and releases
   * the locks. Never rejects.
   */
  abandon(): Promise<void>;
}

/** In the status that the server sends with the result of a statement. */
const IN_TRANSACTION = 1;

/** Lends the connection of a transaction of `database`. `tx` is what `Database.transact` gives its work. */
export function lendConnection(database: Pick<Database, 'run'>, tx: Queryable): LentConnection {
  const connection = (tx as unknown as { readonly $client: Connection }).$client;
  const client = new GuardedClient(connection);
  let db: Queryable | undefined;
  return {
    client: client as unknown as LentClient,
    get db() {
      db ??= drizzle(client as unknown as Connection) as unknown as Queryable;
      return db;
    },
    get broken() {
      return client.broken;
    },
    takeBack() {
      client.open = false;
      return client.underWay === 0;
    },
    async abandon() {
      client.open = false;
      const { threadId } = connection;
      connection.destroy();
      await endSession(database, threadId);
    },
  };
}

/** A server notices that its client is gone only between two statements. */
async function endSession(database: Pick<Database, 'run'>, threadId: number | null): Promise<void> {
  if (threadId === null) return;
  try {
    await database.run((db) => db.execute(sql.raw(`KILL CONNECTION ${threadId}`)));
  } catch {
    // It has ended, or something in between allows no KILL: then its locks last as long as its statement.
  }
}

class GuardedClient {
  open = true;
  underWay = 0;
  broken: unknown;
  /** The server says with its results whether a transaction is open. Something in between may leave that out. */
  #tellsStatus = false;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  query(statement: unknown, values?: unknown): Promise<unknown> {
    return this.#run('query', statement, values);
  }

  execute(statement: unknown, values?: unknown): Promise<unknown> {
    return this.#run('execute', statement, values);
  }

  async #run(method: 'query' | 'execute', statement: unknown, values: unknown): Promise<unknown> {
    if (!this.open) throw new Error('the transaction has ended: its connection takes no more statements');
    if (this.broken !== undefined) throw this.broken;
    const text = typeof statement === 'string' ? statement : (statement as { sql?: unknown })?.sql;
    if (typeof text === 'string' && endsTransaction(text))
      throw new Error(`a statement that ends the transaction is refused: ${text.trim().split(/\s/, 1)[0]}`);
    this.underWay += 1;
    try {
      // A union of their parameters can't name mysql2's overloads.
      const run = this.#connection[method] as (statement: unknown, values: unknown) => Promise<unknown>;
      const results = await run.call(this.#connection, statement, values);
      this.#checkStatus(results);
      return results;
    } catch (error) {
      // A deadlock has rolled everything back, and a lock wait may have: a further statement would commit by itself.
      if (isRetryable(error) || isOutage(error)) this.broken ??= error;
      throw error;
    } finally {
      this.underWay -= 1;
    }
  }

  /** For a statement that ends the transaction without looking like it, such as a call of a procedure. */
  #checkStatus(results: unknown): void {
    for (const status of statusesOf(results)) {
      if (status & IN_TRANSACTION) this.#tellsStatus = true;
      else if (this.#tellsStatus) {
        this.broken ??= new Error('a statement that ends the transaction has run');
        throw this.broken;
      }
    }
  }
}

/** The status in each result that is no set of rows. A text of several statements has several results. */
function statusesOf(results: unknown): number[] {
  const [result, fields] = results as readonly [unknown, unknown];
  const isSeveral =
    Array.isArray(fields) && fields.some((field) => field === undefined || Array.isArray(field));
  const all = isSeveral ? (result as readonly unknown[]) : [result];
  return all.flatMap((one) => {
    const status = (one as { readonly serverStatus?: unknown } | undefined)?.serverStatus;
    return typeof status === 'number' ? [status] : [];
  });
}
