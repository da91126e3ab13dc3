import { armFailpoints } from '@txmsg/core';
import { changeRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { startStranger } from '@txmsg/stack/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  parcelDelivery,
  parcelStatements,
  SendLetter,
  ShipParcel,
  shipParcel,
  typed,
} from '../test-support/parcels.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestInbox, eachRegistration, type TestInbox } from '../testing/test-inbox.js';
import { type EachHandler, type EachLimits, Rejected } from './handlers.js';

const APPLIED = { outcome: 'APPLIED', reason: '' };
const MAX_ATTEMPTS = 3;

let parcels: StockDatabase;

beforeEach(async () => {
  parcels = await createStockDatabase(undefined, undefined, parcelStatements);
});
afterEach(() => {
  armFailpoints([]);
  return parcels.close();
});

type ShipHandler = typeof shipParcel;

/** An inbox that posts parcels with a handler of the test's own. */
function inboxOf(handler: ShipHandler, limits: EachLimits = {}, lockWaitSeconds = 1): TestInbox {
  const database = parcels.connect({ lockWaitSeconds, timeoutMs: 2_000 });
  return createTestInbox(
    database,
    { eachs: [eachRegistration(ShipParcel, limits, handler)] },
    { maxAttempts: MAX_ATTEMPTS },
  );
}

function posted() {
  return parcels.select<{ tx_no: string; address: string }>(
    'SELECT tx_no, address FROM parcel ORDER BY tx_no',
  );
}

function records() {
  return parcels.select(
    'SELECT tx_no, outcome, reason, participant, content, type FROM txmsg_inbox ORDER BY tx_no',
  );
}

function letters() {
  return parcels.select<{ reason: string; detail: string; attempts: number }>(
    'SELECT reason, detail, attempts FROM txmsg_dead_letter',
  );
}

const one = () => parcelDelivery(typed('ShipParcel', 'one', 'Rome'));

describe('a handler of single transactions', () => {
  it('has its effect and its record in one local transaction, and its outcome is published with its type', async () => {
    const inbox = inboxOf(shipParcel);
    const [handled] = await inbox.handle([one()]);
    expect(handled?.done).toBe(true);
    expect(await posted()).toEqual([{ tx_no: 'one', address: 'Rome' }]);
    const content = '{"account":"Rome"}';
    expect(await records()).toEqual([
      { tx_no: 'one', ...APPLIED, participant: 'shop', content, type: 'ShipParcel' },
    ]);
    expect(inbox.published).toMatchObject([
      { participant: 'shop', type: 'ShipParcel', outcomes: new Map([['one', APPLIED]]) },
    ]);
  });

  it('that rejects has what it wrote taken back, and the rejection is on record', async () => {
    const inbox = inboxOf(shipParcel);
    await inbox.handle([parcelDelivery(typed('ShipParcel', 'nowhere', ''))]);
    expect(await posted()).toEqual([]);
    expect(await records()).toMatchObject([{ tx_no: 'nowhere', outcome: 'REJECTED', reason: 'NO_ADDRESS' }]);
    expect(inbox.outcomeOf('nowhere')).toEqual({ outcome: 'REJECTED', reason: 'NO_ADDRESS' });
    const [again] = await inbox.handle([parcelDelivery(typed('ShipParcel', 'nowhere', ''))]);
    expect(again?.done).toBe(true);
    expect(inbox.counters).toMatchObject({ rejected: 1, duplicates: 1, applied: 0 });
  });

  it('takes a message that comes again once, tells other content, and keeps participants apart', async () => {
    const inbox = inboxOf(shipParcel);
    await inbox.handle([one(), one()]);
    await inbox.handle([{ ...one(), attempt: 2 }]);
    await inbox.handle([parcelDelivery(typed('ShipParcel', 'one', 'Paris'))]);
    await inbox.handle([{ ...one(), participant: 'market' }]);
    expect(await posted()).toHaveLength(1);
    expect(inbox.counters).toMatchObject({ applied: 1, duplicates: 2, mismatches: 1, otherParticipant: 1 });
    expect((await letters()).map(({ reason }) => reason)).toEqual(['CONTENT_MISMATCH', 'OTHER_PARTICIPANT']);
  });

  it('takes it once when two consumers have it at once, many times', async () => {
    const [mine, theirs] = [inboxOf(shipParcel, {}, 3), inboxOf(shipParcel, {}, 3)];
    for (let round = 0; round < 20; round += 1) {
      const message = parcelDelivery(typed('ShipParcel', `race-${round}`, 'Rome'));
      const both = await Promise.all([mine.handle([message]), theirs.handle([message])]);
      expect(both.flat().map(({ done }) => done)).toEqual([true, true]);
    }
    expect(await posted()).toHaveLength(20);
    expect(mine.counters.applied + theirs.counters.applied).toBe(20);
  });

  it('puts an entry of an unknown type to the dead letters, and applies its neighbours', async () => {
    const inbox = inboxOf(shipParcel);
    const entries = [typed('ShipParcel', 'known', 'Rome'), typed('SendLetter', 'unknown', 'Rome')];
    const [handled] = await inbox.handle([parcelDelivery(...entries)]);
    expect(handled?.done).toBe(true);
    expect((await posted()).map(({ tx_no }) => tx_no)).toEqual(['known']);
    expect(await letters()).toMatchObject([{ reason: 'UNKNOWN_TYPE', attempts: 1 }]);
    // A later version knows it, and the letter is handled again.
    const later = createTestInbox(parcels.database, {
      eachs: [
        eachRegistration(ShipParcel, {}, shipParcel),
        eachRegistration(SendLetter, {}, async () => undefined),
      ],
    });
    await later.handle([{ ...parcelDelivery(...entries), attempt: 0 }]);
    expect(later.outcomeOf('unknown')).toEqual(APPLIED);
    expect(later.published.map(({ type }) => type).sort()).toEqual(['SendLetter', 'ShipParcel']);
    expect(later.counters).toMatchObject({ applied: 1, duplicates: 1 });
  });
});

describe('a handler that fails', () => {
  it('is rolled back and tried again, and its neighbours are done meanwhile', async () => {
    let failing = true;
    const inbox = inboxOf(async (tx, transaction) => {
      await shipParcel(tx, transaction);
      if (failing && transaction.txNo === 'bad') throw new TypeError('not today');
    });
    const message = parcelDelivery(typed('ShipParcel', 'bad', 'Rome'), typed('ShipParcel', 'good', 'Rome'));
    const [first] = await inbox.handle([message]);
    expect(first?.done).toBe(false);
    expect((await posted()).map(({ tx_no }) => tx_no)).toEqual(['good']);
    expect(inbox.outcomeOf('good')).toEqual(APPLIED);
    failing = false;
    const [second] = await inbox.handle([{ ...message, attempt: 2 }]);
    expect(second?.done).toBe(true);
    expect(await posted()).toHaveLength(2);
    expect(await letters()).toEqual([]);
  });

  it('for the last time makes a dead letter that says why, and can be replayed', async () => {
    let failing = true;
    const inbox = inboxOf(async (tx, transaction) => {
      if (failing) throw new TypeError('not today');
      await shipParcel(tx, transaction);
    });
    const message = one();
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const [handled] = await inbox.handle([{ ...message, attempt }]);
      expect(handled?.done).toBe(attempt === MAX_ATTEMPTS);
    }
    const detail = 'one: TypeError: not today';
    expect(await letters()).toEqual([{ reason: 'HANDLER_FAILED', detail, attempts: 1 }]);
    expect(inbox.published).toEqual([]);
    failing = false;
    const [replayed] = await inbox.handle([{ ...message, attempt: 0 }]);
    expect(replayed?.judgement.deadLetter).toBeUndefined();
    expect(inbox.outcomeOf('one')).toEqual(APPLIED);
  });

  it('by an end of its transaction that nobody saw coming has failed, and its record says nothing else', async () => {
    const inbox = inboxOf(async (tx, transaction) => {
      await shipParcel(tx, transaction);
      await tx.connection.query("EXECUTE IMMEDIATE CONCAT('ROLL', 'BACK')");
    });
    const message = one();
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1)
      await inbox.handle([{ ...message, attempt }]);
    expect([await posted(), await records()]).toEqual([[], []]);
    expect(await letters()).toMatchObject([{ reason: 'HANDLER_FAILED' }]);
    expect(inbox.published).toEqual([]);
  });

  it('because something that it calls is away has failed as any other, and its neighbours are done', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' });
    const inbox = inboxOf(async (tx, transaction) => {
      if (transaction.txNo === 'bad') throw away;
      await shipParcel(tx, transaction);
    });
    const message = parcelDelivery(typed('ShipParcel', 'bad', 'Rome'), typed('ShipParcel', 'good', 'Rome'));
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1)
      await inbox.handle([{ ...message, attempt }]);
    expect((await posted()).map(({ tx_no }) => tx_no)).toEqual(['good']);
    const detail = 'bad: Error: connect ECONNREFUSED 10.0.0.1:443';
    expect(await letters()).toMatchObject([{ reason: 'HANDLER_FAILED', detail }]);
  });

  it('by a key of its own tables is no duplicate of the transaction', async () => {
    const inbox = inboxOf(async ({ db }, { message }) => {
      await changeRows(db, sql`INSERT INTO address_book (address) VALUES (${message.account})`);
    });
    await inbox.handle([one()]);
    const [handled] = await inbox.handle([parcelDelivery(typed('ShipParcel', 'two', 'Rome'))]);
    expect(handled?.done).toBe(false);
    expect(handled?.judgement).toMatchObject({ tryAgain: true, blocked: false });
    expect(await records()).toMatchObject([{ tx_no: 'one' }]);
  });

  it('and swallows the error of a deadlock or lock wait is rolled back all the same', async () => {
    await parcels.select("INSERT INTO address_book (address) VALUES ('Rome')");
    const stranger = await startStranger(parcels.url, "DELETE FROM address_book WHERE address = 'Rome'");
    const inbox = inboxOf(async (tx, transaction) => {
      await shipParcel(tx, transaction);
      await changeRows(tx.db, sql`DELETE FROM address_book`).catch(() => 0);
    });
    const [handled] = await inbox.handle([one()]);
    expect(handled?.judgement).toMatchObject({ blocked: true, tryAgain: true });
    expect(await posted()).toEqual([]);
    expect(await records()).toEqual([]);
    await stranger.end();
    expect((await inbox.handle([{ ...one(), attempt: 2 }]))[0]?.done).toBe(true);
    expect(await posted()).toHaveLength(1);
    expect(await letters()).toEqual([]);
  });

  it.each([
    [
      'statements that it leaves behind',
      (tx: Parameters<EachHandler<unknown>>[0]) => void tx.db.execute(sql`SELECT SLEEP(5)`),
    ],
    ['an end of the transaction', (tx: Parameters<EachHandler<unknown>>[0]) => tx.connection.query('COMMIT')],
    [
      'the end of a savepoint that is not its own',
      async (tx: Parameters<EachHandler<unknown>>[0]) => {
        await tx.connection.query('RELEASE SAVEPOINT txmsg_handler');
        throw new Rejected('NO_ADDRESS');
      },
    ],
  ])('by %s is rolled back', async (_, misuse) => {
    const inbox = inboxOf(async (tx, transaction) => {
      await shipParcel(tx, transaction);
      await misuse(tx);
    });
    await expect(inbox.handle([one()]).then(([handled]) => handled?.done)).resolves.toBe(false);
    expect(await posted()).toEqual([]);
    expect(await records()).toEqual([]);
  });
});

describe('a handler that hangs', () => {
  it.each<[string, (tx: Parameters<ShipHandler>[0]) => Promise<unknown>]>([
    ['on nothing', () => new Promise(() => undefined)],
    ['on a statement', ({ db }) => db.execute(sql`SELECT SLEEP(60)`)],
  ])('%s is ended by its deadline, and delays its own transaction only', async (_, hang) => {
    let aborted = false;
    const inbox = inboxOf(
      async (tx, transaction) => {
        await shipParcel(tx, transaction);
        if (transaction.txNo !== 'hangs') return;
        tx.signal.addEventListener('abort', () => {
          aborted = true;
        });
        await hang(tx);
      },
      { deadlineMs: 1_500, concurrency: 2 },
    );
    const entries = Array.from({ length: 8 }, (_each, index) =>
      typed('ShipParcel', `quick-${index}`, 'Rome'),
    );
    const hanging = inbox.handle([parcelDelivery(typed('ShipParcel', 'hangs', 'Rome'))]);
    const startedAt = performance.now();
    const [quick] = await inbox.handle([parcelDelivery(...entries)]);
    expect(quick?.done).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(1_400);
    const [hung] = await hanging;
    expect(hung?.done).toBe(false);
    expect(aborted).toBe(true);
    expect(await posted()).toHaveLength(8);
    expect((await records()).map((row) => (row as { tx_no: string }).tx_no)).not.toContain('hangs');
  });

  it('longer than the deadline of the database is let go on', async () => {
    // The pool's own deadline is 2 s.
    const inbox = inboxOf(async (tx, transaction) => {
      await tx.db.execute(sql`SELECT SLEEP(2.5)`);
      await shipParcel(tx, transaction);
    });
    expect((await inbox.handle([one()]))[0]?.done).toBe(true);
    expect(await posted()).toHaveLength(1);
  });
});

describe('transactions at the same time', () => {
  it('are as many as the handler allows', async () => {
    let [running, most] = [0, 0];
    const full = Promise.withResolvers<void>();
    const inbox = inboxOf(
      async () => {
        running += 1;
        most = Math.max(most, running);
        if (running === 3) full.resolve();
        // None ends before as many as may have begun.
        await full.promise;
        running -= 1;
      },
      { concurrency: 3 },
    );
    const entries = Array.from({ length: 12 }, (_, index) => typed('ShipParcel', `t-${index}`, 'Rome'));
    await inbox.handle(entries.map((entry) => parcelDelivery(entry)));
    expect(most).toBe(3);
    expect(inbox.counters.applied).toBe(12);
  });
});

describe('the floor', () => {
  it('keeps an old transaction from being applied, but what is on record is known', async () => {
    const inbox = inboxOf(shipParcel);
    const old = Date.now() - 60_000;
    await inbox.handle([parcelDelivery(typed('ShipParcel', 'known', 'Rome', old))]);
    await parcels.select('UPDATE txmsg_retention SET floor = NOW(3) - INTERVAL 1 SECOND');
    const entries = ['known', 'unknown'].map((txNo) => typed('ShipParcel', txNo, 'Rome', old));
    await inbox.handle([parcelDelivery(...entries)]);
    expect(inbox.counters).toMatchObject({ applied: 1, duplicates: 1, belowFloor: 1 });
    expect(await posted()).toHaveLength(1);
  });
});

describe('a failure at the end', () => {
  it('before COMMIT leaves nothing behind; after it the redelivery finds the record', async () => {
    const inbox = inboxOf(shipParcel);
    const act = () => {
      throw new Error('broken off');
    };
    armFailpoints([{ name: 'inbox.before-commit', nth: 1, act }]);
    await expect(inbox.handle([one()])).rejects.toThrow('broken off');
    expect(await posted()).toEqual([]);
    armFailpoints([{ name: 'inbox.after-commit', nth: 1, act }]);
    await expect(inbox.handle([one()])).rejects.toThrow('broken off');
    expect(inbox.published).toEqual([]);
    await inbox.handle([{ ...one(), attempt: 2 }]);
    expect(inbox.outcomeOf('one')).toEqual(APPLIED);
    expect(await posted()).toHaveLength(1);
  });
});

it('a reason must be a code', () => {
  expect(new Rejected('NO_ADDRESS').reason).toBe('NO_ADDRESS');
  for (const reason of ['', 'no address', 'X'.repeat(65)])
    expect(() => new Rejected(reason)).toThrow(RangeError);
});
