import { armFailpoints, type Failpoint } from '@txmsg/core';
import { CommitInDoubtError, isOutage } from '@txmsg/mysql';
import { createTcpProxy, type TcpProxy } from '@txmsg/stack/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestHandler, type TestHandler } from '../test-support/test-handler.js';
import { single } from '../testing/deliveries.js';

const applied = { outcome: 'APPLIED', reason: '' };

let stock: StockDatabase;
let proxy: TcpProxy;
let handler: TestHandler;

beforeEach(async () => {
  proxy = await createTcpProxy({ target: inject('databaseAddress') });
  stock = await createStockDatabase();
  await stock.seed(1n, 10);
  handler = createTestHandler(stock.connect({ address: proxy.address, timeoutMs: 1_000 }));
  await handler.handle([single('warm-up', 1, 1)]);
  handler.published.length = 0;
});
afterEach(async () => {
  armFailpoints([]);
  await proxy.close();
  await stock.close();
});

/** Does something at the moment before COMMIT is sent, once. */
function beforeCommit(act: Failpoint['act']): void {
  armFailpoints([{ name: 'inbox.before-commit', nth: 1, act }]);
}

/** Handles a message and gives the error by which it fails. */
async function failure(): Promise<unknown> {
  return handler.handle([single('tx', 1, 3)]).then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function left() {
  return (await stock.stockOf(1n))?.totalCount;
}

describe('an outage of the database in the middle of a group', () => {
  it('leaves nothing behind when the connection breaks before COMMIT; the redelivery applies it', async () => {
    beforeCommit(() => proxy.cut());
    expect(isOutage(await failure())).toBe(true);
    expect(handler.published).toEqual([]);
    expect(await left()).toBe(9n);
    proxy.restore();
    await handler.handle([{ ...single('tx', 1, 3), attempt: 2 }]);
    expect(handler.outcomeOf('tx')).toEqual(applied);
    expect(await left()).toBe(6n);
  });

  it('publishes nothing when the reply to COMMIT is lost; the redelivery tells what was committed', async () => {
    beforeCommit(() => proxy.dropReplies());
    expect(await failure()).toBeInstanceOf(CommitInDoubtError);
    expect(handler.published).toEqual([]);
    proxy.restore();
    await expect.poll(left).toBe(6n);
    await handler.handle([{ ...single('tx', 1, 3), attempt: 2 }]);
    expect(handler.outcomeOf('tx')).toEqual(applied);
    expect(handler.counters.duplicates).toBe(1);
    expect(await left()).toBe(6n);
  });

  it('never makes a dead letter, whatever the number of deliveries', async () => {
    proxy.cut();
    for (const attempt of [5, 50]) {
      await expect(handler.handle([{ ...single('tx', 1, 3), attempt }])).rejects.toSatisfy(isOutage);
    }
    await expect(handler.handle([{ ...single('tx', 1, 3), body: Buffer.from('x') }])).rejects.toSatisfy(
      isOutage,
    );
    proxy.restore();
    expect(await stock.select('SELECT * FROM dead_letter')).toEqual([]);
  });
});

describe('failures of its own after an outage', () => {
  it('are counted from the first, whatever the number of deliveries, and in the end make a dead letter', async () => {
    handler = createTestHandler(stock.database, { maxAttempts: 2 });
    const message = single('tx', 1, 3);
    const done: (boolean | undefined)[] = [];
    for (const attempt of [50, 51]) {
      beforeCommit(() => {
        throw new TypeError('a fault');
      });
      const [handled] = await handler.handle([{ ...message, attempt }]);
      done.push(handled?.done);
    }
    expect(done).toEqual([false, true]);
    expect(await stock.select('SELECT reason FROM dead_letter')).toEqual([{ reason: 'APPLY_FAILED' }]);
  });
});

describe('what is published', () => {
  it('is on record at the moment of its publication', async () => {
    const checked: unknown[] = [];
    const strict = createTestHandler(stock.database, {
      outcomes: {
        async publish({ outcomes }) {
          for (const [txNo, { outcome }] of outcomes) {
            const rows = await stock.select(`SELECT outcome FROM tx_log WHERE tx_no = '${txNo}'`);
            checked.push([rows, outcome]);
            expect(rows).toEqual([{ outcome }]);
          }
          return true;
        },
      },
    });
    const messages = [single('one', 1, 1), single('two', 1, 500), single('three', 9, 1)];
    await strict.handle(messages);
    await strict.handle(messages);
    expect(checked).toHaveLength(6);
  });

  it('is nothing when the transaction fails at its end', async () => {
    beforeCommit(() => {
      throw new TypeError('a fault');
    });
    // Its first group is looked up, so it isn't run again after a fault of its own.
    const fresh = createTestHandler(stock.database);
    const [handled] = await fresh.handle([single('tx', 1, 3)]);
    expect(handled?.done).toBe(false);
    expect(fresh.published).toEqual([]);
    expect(await left()).toBe(9n);
  });
});
