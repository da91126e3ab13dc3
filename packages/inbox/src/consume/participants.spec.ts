import type { ReceivedMessage } from '@txmsg/rocketmq';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { startTestApi, type TestApi } from '../test-support/test-api.js';
import { createTestHandler, type TestHandler } from '../test-support/test-handler.js';
import { delivery, single, txMessage } from '../testing/deliveries.js';
import { toDelivery } from './delivery.js';

const applied = { outcome: 'APPLIED', reason: '' };

let stock: StockDatabase;
let handler: TestHandler;
let api: TestApi;
let logged: { alarm?: string; participant?: string }[];

beforeEach(async () => {
  stock = await createStockDatabase();
  logged = [];
  const logger = pino({ level: 'error' }, { write: (line) => void logged.push(JSON.parse(line)) });
  handler = createTestHandler(stock.database, { logger });
  api = await startTestApi(stock.database, handler);
  await stock.seed(1n, 100);
});
afterEach(async () => {
  await api.close();
  await stock.close();
});

async function left() {
  return (await stock.stockOf(1n))?.totalCount;
}

function reasons() {
  return stock.select('SELECT reason, attempts, participant FROM dead_letter');
}

function records() {
  return stock.select('SELECT tx_no, outcome, participant FROM tx_log ORDER BY tx_no');
}

/** Makes records as a version without the column has written them. */
function forgetParticipants() {
  return stock.select('UPDATE tx_log SET participant = NULL');
}

it('a property `type` that names none of ours means nothing without a participant', async () => {
  await handler.handle([{ ...single('foreign', 1, 1), participant: '', type: 'order' }]);
  expect(handler.counters).toMatchObject({ applied: 1, deadLetters: 0 });
});

describe('equal txNos of two participants', () => {
  it.each(['one receive', 'two receives', 'two receives while records are looked up'])(
    'in %s: the second is a dead letter with an alarm, and no outcome is told of it',
    async (how) => {
      if (how !== 'two receives while records are looked up') await handler.handle([single('warm-up', 1, 1)]);
      const ours = single('same', 1, 1);
      const theirs = { ...single('same', 1, 1), participant: 'shop' };
      const before = await left();
      if (how === 'one receive') await handler.handle([ours, theirs]);
      else {
        await handler.handle([ours]);
        const [handled] = await handler.handle([theirs]);
        expect(handled?.done).toBe(true);
      }
      expect(await left()).toBe((before ?? 0n) - 1n);
      expect(await reasons()).toEqual([{ reason: 'OTHER_PARTICIPANT', attempts: 1, participant: 'shop' }]);
      expect(handler.published.map(({ participant }) => participant)).not.toContain('shop');
      expect(handler.outcomeOf('same')).toEqual(applied);
      expect(logged).toMatchObject([{ alarm: 'OTHER_PARTICIPANT', participant: 'shop' }]);
      expect(handler.counters.otherParticipant).toBe(1);
    },
  );

  it('are told of neighbours in the same message as ever', async () => {
    await handler.handle([single('same', 1, 1)]);
    const body = { txMessages: [txMessage('same', 1, 1), txMessage('good', 1, 1)] };
    await handler.handle([delivery(body, { participant: 'shop' })]);
    expect(handler.published.at(-1)).toMatchObject({
      participant: 'shop',
      outcomes: new Map([['good', applied]]),
    });
  });

  it('neither replayed nor dropped ever tell the decision of the first', async () => {
    await handler.handle([single('same', 1, 1)]);
    await handler.handle([{ ...single('same', 1, 1), participant: 'shop' }]);
    const [letter] = (await api.admin.listDeadLetters({})).deadLetters;
    const deadLetterId = letter?.deadLetterId ?? 0n;
    handler.published.length = 0;
    await api.admin.replayDeadLetter({ deadLetterId, actor: 'test' });
    await api.admin.dropDeadLetter({ deadLetterId, actor: 'test' });
    expect(handler.published).toEqual([]);
    expect(await records()).toEqual([{ tx_no: 'same', outcome: 'APPLIED', participant: 'order-svc' }]);
  });

  it('in an entry that can not be read: nothing is told of it', async () => {
    await handler.handle([single('same', 1, 1)]);
    handler.published.length = 0;
    const bad = { ...txMessage('same', 1, 1), payCount: 0 };
    await handler.handle([delivery({ txMessage: bad }, { participant: 'shop' })]);
    expect(handler.published).toEqual([]);
  });
});

it.each(['order svc', 'x'.repeat(5_000)])(
  'a name that can not be one (%.9s) is told',
  async (participant) => {
    const told: object[] = [];
    handler = createTestHandler(stock.database, { badParticipant: (fields) => void told.push(fields) });
    const { body, topic, messageId, bornTimeMs } = single('unnamed', 1, 1);
    const properties = new Map([['participant', participant]]);
    const message = { body, topic, messageId, bornTimeMs, properties, deliveryAttempt: 1 };
    await handler.handle([toDelivery(message as unknown as ReceivedMessage), single('named', 1, 1)]);
    const badParticipant = participant.slice(0, 64);
    expect(told).toEqual([{ alarm: 'BAD_PARTICIPANT', badParticipant, messageId }]);
    expect(handler.outcomeOf('unnamed')).toBeUndefined();
    expect(handler.outcomeOf('named')).toEqual(applied);
  },
);

describe('the participant of a record', () => {
  it('is shown, and missing where it is not known', async () => {
    await handler.handle([single('ours', 1, 1), { ...single('foreign', 1, 1), participant: '' }]);
    expect(await records()).toEqual([
      { tx_no: 'foreign', outcome: 'APPLIED', participant: null },
      { tx_no: 'ours', outcome: 'APPLIED', participant: 'order-svc' },
    ]);
  });

  it('that is not known matches any: a record of an older version', async () => {
    await handler.handle([single('old', 1, 1)]);
    await forgetParticipants();
    await handler.handle([{ ...single('old', 1, 1), participant: 'shop' }]);
    expect(handler.published.at(-1)).toMatchObject({
      participant: 'shop',
      outcomes: new Map([['old', applied]]),
    });
    expect(await reasons()).toEqual([]);
  });

  it('that is not known matches any: a foreign producer', async () => {
    await handler.handle([{ ...single('foreign', 1, 1), participant: '' }]);
    await handler.handle([single('foreign', 1, 1)]);
    expect(handler.outcomeOf('foreign')).toEqual(applied);
    expect(await left()).toBe(99n);
    expect(await reasons()).toEqual([]);
  });

  it('is no concern of a version that does not know it: its statements still work', async () => {
    await stock.select(
      "INSERT INTO tx_log (tx_no, create_time, product_id, pay_count, outcome, reason) VALUES ('by-old', NOW(3), 1, 1, 'APPLIED', '')",
    );
    await stock.select(
      `INSERT INTO dead_letter (body_hash, attempts, body, reason, detail, topic, message_id, participant, born_time,
         status, create_time, update_time) VALUES ('h', 1, 'body', 'NOT_JSON', '', 't', 'm', '', NULL, 'PENDING', NOW(3), NOW(3))`,
    );
    await handler.handle([single('by-old', 1, 1)]);
    expect(handler.counters.duplicates).toBe(1);
    const [letter] = (await api.admin.listDeadLetters({})).deadLetters;
    expect(letter).toMatchObject({ bodyBytes: 4, bodyCut: false });
    const shown = await api.admin.getDeadLetter({ deadLetterId: letter?.deadLetterId ?? 0n });
    expect(Buffer.from(shown.deadLetter?.body ?? []).toString()).toBe('body');
  });
});
