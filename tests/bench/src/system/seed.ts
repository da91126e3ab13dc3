import type { Connection } from 'mysql2/promise';

/** Enough of each product for any run. */
const PIECES = 1_000_000_000;
const DAY_MS = 86_400_000;
/** Younger than the time after which both services purge their logs. */
const OLDEST_MS = 6 * DAY_MS;

/** Fills the stock table with the products 1 to `count`. */
export async function seedProducts(stockDb: Connection, count: number): Promise<void> {
  await withNumbers(stockDb, count, async () => {
    await stockDb.query(
      `INSERT INTO stock (product_id, total_count, added_total, taken_total)
       SELECT n, ${PIECES}, ${PIECES}, 0 FROM bench_numbers WHERE n <= ${count} ORDER BY n`,
    );
  });
}

/** Fills the order side's message log with settled rows of the last six days. The keys look as UUIDv7 makes them. */
export async function seedOrderLog(orderDb: Connection, count: number): Promise<void> {
  const ms = timeOfRow(count);
  await withNumbers(orderDb, count, async () => {
    await orderDb.query(
      `INSERT INTO tx_log (tx_no, create_time, transaction_id, state, next_relay_time, relay_count)
       SELECT ${key(ms, '8000', 'n')}, ${time(ms)}, ${key(ms, '9000', 'n - n % 100')}, 'SETTLED',
         ${time(ms)} + INTERVAL 10 SECOND, 1 FROM bench_numbers WHERE n <= ${count} ORDER BY n`,
    );
  });
}

/** Fills the stock side's message log in the same way. */
export async function seedStockLog(stockDb: Connection, count: number): Promise<void> {
  const ms = timeOfRow(count);
  await withNumbers(stockDb, count, async () => {
    await stockDb.query(
      `INSERT INTO tx_log (tx_no, create_time, product_id, pay_count, outcome, reason)
       SELECT ${key(ms, '8000', 'n')}, ${time(ms)}, 1 + n % 10, 1, 'APPLIED', ''
       FROM bench_numbers WHERE n <= ${count} ORDER BY n`,
    );
  });
}

/** The time of row n in milliseconds since the epoch: evenly over the last six days. */
function timeOfRow(count: number): string {
  return `(${Date.now() - OLDEST_MS} + n * ${OLDEST_MS / count})`;
}

function key(ms: string, variant: string, node: string): string {
  const hex = `LPAD(HEX(FLOOR(${ms})), 12, '0')`;
  return `LOWER(CONCAT(LEFT(${hex}, 8), '-', RIGHT(${hex}, 4), '-7000-${variant}-', LPAD(HEX(${node}), 12, '0')))`;
}

function time(ms: string): string {
  return `FROM_UNIXTIME(${ms} / 1000)`;
}

/**
 * Lends a table of the numbers 1 to at least `count`, on one connection without the checks that a bulk load doesn't
 * need.
 */
async function withNumbers(connection: Connection, count: number, work: () => Promise<void>): Promise<void> {
  await connection.query('SET SESSION unique_checks = 0, foreign_key_checks = 0');
  await connection.query('CREATE TABLE bench_numbers (n BIGINT PRIMARY KEY)');
  try {
    await connection.query('INSERT INTO bench_numbers (n) VALUES (1)');
    for (let size = 1; size < count; size *= 2) {
      await connection.query(
        `INSERT INTO bench_numbers (n) SELECT n + ${size} FROM bench_numbers ORDER BY n`,
      );
    }
    await work();
  } finally {
    await connection.query('DROP TABLE bench_numbers');
  }
}
