import { LedgerTotalSchema } from '@txmsg/contracts/ledger';
import { defineMessage, type MessageType } from '@txmsg/contracts/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parcelDelivery, parcelStatements, ShipParcel, typed } from '../test-support/parcels.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestInbox, eachRegistration, groupRegistration } from '../testing/test-inbox.js';
import type { GroupHandler } from './handlers.js';

type Total = typeof ShipParcel extends MessageType<infer M> ? M : never;

const MAX_ATTEMPTS = 2;
const message = (txNo: string, address = 'Rome') => parcelDelivery(typed('ShipParcel', txNo, address));

let parcels: StockDatabase;

beforeEach(async () => {
  parcels = await createStockDatabase(undefined, undefined, parcelStatements);
});
afterEach(() => parcels.close());

const applyAll: GroupHandler<Total>['apply'] = async (_, fresh) =>
  fresh.map(() => ({ outcome: 'APPLIED', reason: '' }));

function letters() {
  return parcels.select<{ reason: string; detail: string }>('SELECT reason, detail FROM txmsg_dead_letter');
}

const badContents: [string, (total: Total) => string][] = [
  ['does not fit its column', ({ account }) => (account === '' ? 'x'.repeat(300) : account)],
  [
    'can not be told',
    ({ account }) => {
      if (account === '') throw new Error('no address');
      return account;
    },
  ],
];

describe.each(badContents)('a message whose content %s', (_, content) => {
  const type = defineMessage({
    type: 'ShipParcel',
    topic: 'topic_parcels',
    schema: LedgerTotalSchema,
    content,
  });

  it.each([
    ['one by one', { eachs: [eachRegistration(type, {}, async () => undefined)] }],
    ['in groups', { groups: [groupRegistration(type, { apply: applyAll })] }],
  ])('becomes a dead letter when it is handled %s, and holds up no other', async (_each, handlers) => {
    const inbox = createTestInbox(parcels.database, handlers, { maxAttempts: MAX_ATTEMPTS });
    const [bad, good] = [message('bad', ''), message('good')];
    const first = await inbox.handle([bad, good]);
    expect(first.map(({ done }) => done)).toEqual([false, true]);
    expect(inbox.outcomeOf('good')).toMatchObject({ outcome: 'APPLIED' });
    expect((await inbox.handle([{ ...bad, attempt: 2 }]))[0]?.done).toBe(true);
    expect(await letters()).toMatchObject([{ reason: 'APPLY_FAILED' }]);
  });
});

describe('a handler of groups that fails at one message', () => {
  it('makes a dead letter of that one, and holds up no other', async () => {
    const apply: typeof applyAll = async (tx, fresh) => {
      if (fresh.some(({ txNo }) => txNo === 'bad')) throw new Error('not this one');
      return applyAll(tx, fresh);
    };
    const handlers = { groups: [groupRegistration(ShipParcel, { apply })] };
    const inbox = createTestInbox(parcels.database, handlers, { maxAttempts: MAX_ATTEMPTS });
    const [bad, good] = [message('bad'), message('good')];
    const first = await inbox.handle([bad, good]);
    expect(first.map(({ done }) => done)).toEqual([false, true]);
    await inbox.handle([{ ...bad, attempt: 2 }]);
    expect(await letters()).toMatchObject([{ reason: 'APPLY_FAILED' }]);
  });
});

describe('a message of many transactions', () => {
  it('takes turns with others of its type', async () => {
    const order: string[] = [];
    const handler = eachRegistration(ShipParcel, { concurrency: 1 }, async (_, { txNo }) => {
      order.push(txNo);
    });
    const inbox = createTestInbox(parcels.database, { eachs: [handler] });
    const many = Array.from({ length: 20 }, (_, index) => typed('ShipParcel', `many-${index}`, 'Rome'));
    await Promise.all([inbox.handle([parcelDelivery(...many)]), inbox.handle([message('one')])]);
    expect(order).toHaveLength(21);
    expect(order.indexOf('one')).toBeLessThan(3);
  });
});

describe('a message of many transactions at the stop', () => {
  it('is left where it is, so that a service ends in time', async () => {
    const stopping = new AbortController();
    const order: string[] = [];
    const handler = eachRegistration(ShipParcel, { concurrency: 2 }, async (_, { txNo }) => {
      order.push(txNo);
      stopping.abort();
    });
    const inbox = createTestInbox(parcels.database, { eachs: [handler], stopping: stopping.signal });
    const many = Array.from({ length: 20 }, (_, index) => typed('ShipParcel', `many-${index}`, 'Rome'));
    const [handled] = await inbox.handle([parcelDelivery(...many)]);
    expect(handled?.done).toBe(false);
    expect(order.length).toBeLessThan(3);
    expect(inbox.counters.applied).toBe(order.length);
  });
});
