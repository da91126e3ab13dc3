import { changeRows, type Queryable, timeText } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CarriedTransaction } from '../domain/transaction.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestApplier } from '../test-support/test-handler.js';
import type { ApplyGroup } from './apply-group.js';

const APPLIED = { outcome: 'APPLIED', reason: '' };
const PRODUCT = 1n;

let stock: StockDatabase;
let names = 0;
beforeAll(async () => {
  stock = await createStockDatabase();
  await stock.seed(PRODUCT, 1_000);
});
afterAll(() => stock.close());

interface Wanted {
  readonly productId?: bigint;
  readonly payCount?: number;
  readonly createTimeMs?: number;
}

function transaction(wanted: Wanted = {}): CarriedTransaction {
  names += 1;
  return of(`apply-${names}`, wanted);
}

function of(txNo: string, { productId = PRODUCT, payCount = 1, createTimeMs = Date.now() }: Wanted) {
  const message = { productId, payCount };
  return { transaction: { txNo, createTimeMs, type: 'TakeStock', message }, participant: '' };
}

/** An applier, the statements that each of its attempts has sent, and something to do before one is run again. */
function setUp() {
  const attempts: number[] = [];
  const state: { apply: ApplyGroup; attempts: number[]; beforeRetry: () => Promise<unknown> } = {
    attempts,
    beforeRetry: async () => undefined,
    apply: createTestApplier({ ...stock.database, transact }),
  };
  let failed = false;
  async function transact<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    if (failed) {
      failed = false;
      await state.beforeRetry();
    }
    const attempt = attempts.push(0) - 1;
    try {
      return await stock.database.transact((tx) => work(counting(tx, attempt)));
    } catch (error) {
      failed = true;
      throw error;
    }
  }
  const counting = (tx: Queryable, attempt: number) =>
    new Proxy(tx, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        if (key === 'execute') attempts[attempt] = (attempts[attempt] ?? 0) + 1;
        return value.bind(target);
      },
    });
  return state;
}

async function takenTotal(): Promise<bigint | undefined> {
  return (await stock.stockOf(PRODUCT))?.takenTotal;
}

it('looks up the first group, and no other while nothing is on record', async () => {
  const { apply, attempts } = setUp();
  for (let group = 0; group < 3; group += 1) await apply([transaction(), transaction()]);
  const [first = 0, ...others] = attempts;
  expect(others).toEqual([first - 1, first - 1]);
});

it('finds out that something is on record, takes nothing twice, and looks up until that is over', async () => {
  const { apply, attempts } = setUp();
  const known = transaction({ payCount: 3 });
  await apply([known]);
  await apply([transaction()]);
  const before = await takenTotal();
  const fresh = transaction();
  const other = of(known.transaction.txNo, { payCount: 4 });
  expect(await apply([fresh, known, other])).toEqual([
    { kind: 'decided', decision: APPLIED },
    { kind: 'duplicate', decision: APPLIED },
    { kind: 'mismatch', decision: APPLIED },
  ]);
  expect(await takenTotal()).toBe((before ?? 0n) + 1n);
  // The attempt without a look-up, and the one with it.
  expect(attempts).toHaveLength(4);
  await apply([known, transaction()]);
  await apply([transaction()]);
  await apply([transaction()]);
  const [lookedUp = 0] = attempts;
  expect(attempts.slice(4)).toEqual([lookedUp, lookedUp, lookedUp - 1]);
});

it('looks a group up after it has failed, whatever other groups do meanwhile', async () => {
  const known = transaction();
  const applier = setUp();
  await applier.apply([known]);
  await applier.apply([transaction()]);
  applier.attempts.length = 0;
  applier.beforeRetry = () => applier.apply([transaction()]);
  expect(await applier.apply([known, transaction()])).toEqual([
    { kind: 'duplicate', decision: APPLIED },
    { kind: 'decided', decision: APPLIED },
  ]);
  // Two of this group, and one of the group that came between them.
  expect(applier.attempts).toHaveLength(3);
});

it('finds what is on record when the database would refuse it if it were new', async () => {
  const product = 2n;
  const rejected = { outcome: 'REJECTED', reason: 'UNKNOWN_PRODUCT' };
  const { apply } = setUp();
  const known = transaction({ productId: product });
  expect(await apply([known])).toEqual([{ kind: 'decided', decision: rejected }]);
  await stock.seed(product, 10);
  const constraint =
    "ALTER TABLE tx_log ADD CONSTRAINT none_of_2 CHECK (product_id <> 2 OR outcome <> 'APPLIED')";
  await stock.database.run((connection) => changeRows(connection, sql.raw(constraint)));
  await apply([transaction()]);
  expect(await apply([known])).toEqual([{ kind: 'duplicate', decision: rejected }]);
  await expect(apply([transaction({ productId: product })])).rejects.toThrow();
});

it('finds what is on record below the floor, which no insert would meet', async () => {
  const { apply } = setUp();
  const old = transaction({ createTimeMs: Date.now() - 60_000 });
  await apply([old]);
  await apply([transaction()]);
  const floor = timeText(new Date(Date.now() - 1_000));
  await stock.database.run((connection) =>
    changeRows(connection, sql`UPDATE retention SET floor = ${floor}`),
  );
  const unknown = transaction({ createTimeMs: old.transaction.createTimeMs });
  expect(await apply([old, unknown])).toEqual([
    { kind: 'duplicate', decision: APPLIED },
    { kind: 'below-floor' },
  ]);
});
