import type { PoolConnection } from 'mysql2';
import type { ConnectionSource } from './connection-source.js';
import { drizzle, type MySql2Database } from './drizzle.js';
import { isNotWritable, isOutage, TransactionTimeoutError } from './errors.js';

/** What a storage operation runs in: a transaction's connection, or the pool. */
export type Queryable = MySql2Database;

/** A connection taken from the pool, with one deadline for everything that is done on it. */
export interface HeldConnection {
  readonly connection: PoolConnection;
  readonly queryable: Queryable;
  /** Rejects when the deadline passes first; then the connection is discarded. */
  guard<T>(promise: Promise<T>): Promise<T>;
  /** Closes the connection instead of giving it back. */
  discard(): void;
}

/** How long to wait for a connection, and the deadline of everything that is done on it, in milliseconds. */
export interface HoldingTimes {
  readonly waitMs: number;
  readonly timeoutMs: number;
}

/**
 * Takes a connection for `use`, and gives it back afterwards. After an outage the connection is closed instead. When
 * the server takes no writes, all other connections are closed too.
 *
 * @throws TransactionTimeoutError when the deadline passes, or what `take` of the source throws
 */
export async function onConnection<T>(
  source: ConnectionSource,
  { waitMs, timeoutMs }: HoldingTimes,
  use: (held: HeldConnection) => Promise<T>,
): Promise<T> {
  const connection = await source.take(waitMs);
  let discarded = false;
  let expire: (error: Error) => void = () => {};
  const expired = new Promise<never>((_, reject) => {
    expire = reject;
  });
  // Without a listener, a rejection that nobody awaits any more would end the process.
  expired.catch(() => {});
  const discard = () => {
    if (discarded) return;
    discarded = true;
    source.discard(connection);
  };
  const timer = setTimeout(() => {
    discard();
    expire(new TransactionTimeoutError(timeoutMs));
  }, timeoutMs);
  try {
    return await use({
      connection,
      queryable: queryableOf(connection),
      guard: (promise) => Promise.race([promise, expired]),
      discard,
    });
  } catch (error) {
    // What a server says while it is stopped, demoted or lost to its proxy also holds for later statements on this
    // connection.
    if (isOutage(error)) discard();
    if (isNotWritable(error)) source.retireWith(connection);
    throw error;
  } finally {
    clearTimeout(timer);
    if (!discarded) source.giveBack(connection);
  }
}

const queryables = new WeakMap<object, Queryable>();

/** drizzle on one connection. It is made once per connection, because making it costs more than a statement. */
function queryableOf(connection: PoolConnection): Queryable {
  const known = queryables.get(connection);
  if (known) return known;
  const queryable = drizzle(connection.promise()) as unknown as Queryable;
  queryables.set(connection, queryable);
  return queryable;
}
