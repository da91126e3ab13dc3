import { afterAll, beforeAll, expect, it } from 'vitest';
import { APPLIED, type Decision } from '../domain/transaction.js';
import { parcelDelivery, parcelStatements, SendLetter, ShipParcel, typed } from '../test-support/parcels.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestInbox, groupRegistration, type TestInbox } from '../testing/test-inbox.js';

const REFUSED: Decision = { outcome: 'REJECTED', reason: 'REFUSED' };

let parcels: StockDatabase;
let inbox: TestInbox;
let shipped: string[][];
/** What the handler of letters gives instead of a decision for each. */
let decisions: Decision[] | undefined;

beforeAll(async () => {
  parcels = await createStockDatabase(undefined, undefined, parcelStatements);
  shipped = [];
  inbox = createTestInbox(parcels.database, {
    groups: [
      groupRegistration(ShipParcel, {
        async apply(_, fresh) {
          shipped.push(fresh.map(({ txNo }) => txNo));
          return fresh.map(() => APPLIED);
        },
      }),
      groupRegistration(SendLetter, {
        apply: async (_, fresh) => decisions ?? fresh.map(() => REFUSED),
      }),
    ],
  });
});
afterAll(() => parcels.close());

it('two types in groups: each goes to its own handler, and its outcomes are told by themselves', async () => {
  const entries = ['p-1', 'l-1', 'p-2', 'l-2'].map((txNo) =>
    typed(txNo.startsWith('p') ? 'ShipParcel' : 'SendLetter', txNo, 'Rome'),
  );
  await inbox.handle([parcelDelivery(...entries)]);
  expect(shipped).toEqual([['p-1', 'p-2']]);
  const told = inbox.published.map(({ type, outcomes }) => [type, [...outcomes.keys()]]);
  expect(told).toEqual([
    ['ShipParcel', ['p-1', 'p-2']],
    ['SendLetter', ['l-1', 'l-2']],
  ]);
  expect(inbox.outcomeOf('l-2')).toEqual(REFUSED);
  expect(inbox.counters).toMatchObject({ applied: 2, rejected: 2 });
});

it('the same txNo under another type is other content', async () => {
  await inbox.handle([parcelDelivery(typed('SendLetter', 'p-1', 'Rome'))]);
  expect(inbox.counters.mismatches).toBe(1);
  expect(await parcels.select('SELECT reason FROM txmsg_dead_letter')).toEqual([
    { reason: 'CONTENT_MISMATCH' },
  ]);
});

it.each([
  ['few', []],
  ['many', [REFUSED, REFUSED]],
])('a handler that gives too %s decisions fails, and nothing of its group is recorded', async (_, given) => {
  decisions = given;
  const entries = [typed('ShipParcel', 'p-9', 'Rome'), typed('SendLetter', 'l-9', 'Rome')];
  const [handled] = await inbox.handle([parcelDelivery(...entries)]);
  expect(handled?.done).toBe(false);
  expect(await parcels.select("SELECT tx_no FROM txmsg_inbox WHERE tx_no LIKE '%-9'")).toEqual([]);
});
