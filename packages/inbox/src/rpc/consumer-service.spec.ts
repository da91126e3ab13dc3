import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { DeadLetterStatus } from '@txmsg/contracts/consumer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { startTestApi, type TestApi } from '../test-support/test-api.js';
import { createTestHandler, type TestHandler } from '../test-support/test-handler.js';
import { delivery, single, txMessage } from '../testing/deliveries.js';

const Code = { INVALID_ARGUMENT: 3, NOT_FOUND: 5, FAILED_PRECONDITION: 9, UNAVAILABLE: 14 };
const actor = 'pat@example.org';
const applied = { outcome: 'APPLIED', reason: '' };
const dropped = { outcome: 'REJECTED', reason: 'DROPPED' };

let stock: StockDatabase;
let handler: TestHandler;
const toldBelowFloor: object[] = [];
let api: TestApi;

beforeAll(async () => {
  stock = await createStockDatabase();
  handler = createTestHandler(stock.database, { belowFloor: (fields) => void toldBelowFloor.push(fields) });
  api = await startTestApi(stock.database, handler);
  await stock.seed(1n, 1_000);
});
afterAll(async () => {
  await api.close();
  await stock.close();
});

/** Makes a dead letter of a body and gives its number. */
async function bury(body: unknown): Promise<bigint> {
  const message = delivery(body);
  await handler.handle([message]);
  const { deadLetters } = await api.admin.listDeadLetters({ pageSize: 500 });
  const letter = deadLetters.find(({ messageId }) => messageId === message.messageId);
  if (!letter) throw new Error('the message is no dead letter');
  return letter.deadLetterId;
}

async function left() {
  return (await stock.stockOf(1n))?.totalCount ?? 0n;
}

describe('dead letters', () => {
  it('are listed by page and status, and shown with their body', async () => {
    const ids = [await bury('one'), await bury('two'), await bury('three')];
    const seen: bigint[] = [];
    let pageToken = '';
    do {
      const request = { pageSize: 2, pageToken, status: DeadLetterStatus.PENDING };
      const page = await api.admin.listDeadLetters(request);
      seen.push(...page.deadLetters.map(({ deadLetterId }) => deadLetterId));
      expect(page.deadLetters.every(({ body }) => body.length === 0)).toBe(true);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual(expect.arrayContaining(ids));
    const { deadLetters } = await api.admin.listDeadLetters({ status: DeadLetterStatus.DROPPED });
    expect(deadLetters).toEqual([]);
    const { deadLetter } = await api.admin.getDeadLetter({ deadLetterId: ids[0] ?? 0n });
    expect(deadLetter).toMatchObject({
      bodyBytes: 3,
      reason: 'NOT_JSON',
      attempts: 1,
      participant: 'order-svc',
    });
    expect(Buffer.from(deadLetter?.body ?? []).toString()).toBe('one');
  });

  it('of a type that is not known are not replayed as what they look like', async () => {
    const message = { ...single('other-type', 1, 1), type: 'GiveStock' };
    await handler.handle([message]);
    const { deadLetters } = await api.admin.listDeadLetters({ pageSize: 500 });
    const letter = deadLetters.find(({ messageId }) => messageId === message.messageId);
    expect(letter).toMatchObject({ reason: 'UNKNOWN_TYPE' });
    const deadLetterId = letter?.deadLetterId ?? 0n;
    const before = await left();
    const replay = await api.admin.replayDeadLetter({ deadLetterId, actor });
    expect(replay).toMatchObject({ applied: 0, deadLetter: { status: DeadLetterStatus.PENDING } });
    expect(await left()).toBe(before);
    expect(await api.admin.dropDeadLetter({ deadLetterId, actor })).toMatchObject({ dropped: 1 });
    expect(handler.outcomeOf('other-type')).toEqual(dropped);
  });

  it('stay PENDING when a replay leaves something over, and what can be applied is applied once', async () => {
    const body = {
      txMessages: [txMessage('replay-good', 1, 1), { ...txMessage('replay-bad', 1, 1), payCount: 0 }],
    };
    const deadLetterId = await bury(body);
    const before = await left();
    const replay = await api.admin.replayDeadLetter({ deadLetterId, actor });
    expect(replay).toMatchObject({ applied: 0, duplicates: 1 });
    expect(replay.deadLetter).toMatchObject({ status: DeadLetterStatus.PENDING, attempts: 1 });
    expect(await left()).toBe(before);
  });

  it('are REPLAYED once what stood in the way is gone', async () => {
    await stock.select('ALTER TABLE tx_log ADD CONSTRAINT not_now CHECK (pay_count <> 77)');
    const message = single('not-now', 1, 77);
    for (let attempt = 1; attempt <= handler.maxAttempts; attempt += 1) {
      await handler.handle([{ ...message, attempt }]);
    }
    await stock.select('ALTER TABLE tx_log DROP CONSTRAINT not_now');
    const { deadLetters } = await api.admin.listDeadLetters({ pageSize: 500 });
    const letter = deadLetters.find(({ reason }) => reason === 'APPLY_FAILED');
    const deadLetterId = letter?.deadLetterId ?? 0n;
    const before = await left();
    const first = await api.admin.replayDeadLetter({ deadLetterId, actor });
    expect(first).toMatchObject({ applied: 1, deadLetter: { status: DeadLetterStatus.REPLAYED } });
    const again = await api.admin.replayDeadLetter({ deadLetterId, actor });
    expect(again).toMatchObject({ applied: 0, duplicates: 1 });
    expect(await left()).toBe(before - 77n);
    expect(handler.outcomeOf('not-now')).toEqual(applied);
  });

  it('are dropped: what they name is REJECTED for ever, but what has a decision keeps it', async () => {
    const body = {
      txMessages: [
        txMessage('drop-known', 1, 1),
        { ...txMessage('drop-bad', 1, 1), payCount: -1 },
        { ...txMessage('drop-later', 1, 1), productId: 'x' },
      ],
    };
    const deadLetterId = await bury(body);
    const before = await left();
    const answer = await api.admin.dropDeadLetter({ deadLetterId, actor });
    expect(answer).toMatchObject({
      dropped: 2,
      alreadyDecided: 1,
      deadLetter: { status: DeadLetterStatus.DROPPED },
    });
    expect(handler.outcomeOf('drop-known')).toEqual(applied);
    expect(handler.outcomeOf('drop-bad')).toEqual(dropped);
    // The same txNo with content that can be read: the decision stands, and nobody is alarmed.
    const [handled] = await handler.handle([single('drop-later', 1, 5)]);
    expect(handled?.judgement.deadLetter).toBeUndefined();
    expect(handler.outcomeOf('drop-later')).toEqual(dropped);
    expect(await left()).toBe(before);
    // The same body again: the outcomes on record are reported, and it stays dropped.
    handler.published.length = 0;
    await handler.handle([delivery(body)]);
    expect(handler.outcomeOf('drop-bad')).toEqual(dropped);
    const { deadLetter } = await api.admin.getDeadLetter({ deadLetterId });
    expect(deadLetter).toMatchObject({ status: DeadLetterStatus.DROPPED, attempts: 2 });
    expect(await api.admin.dropDeadLetter({ deadLetterId, actor })).toMatchObject({
      dropped: 0,
      alreadyDecided: 3,
    });
    const replay = api.admin.replayDeadLetter({ deadLetterId, actor });
    await expect(replay).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
  });

  it('can be dropped while their transactions are being applied: one decision each', async () => {
    const txNos = Array.from({ length: 20 }, (_, index) => `race-${index}`);
    const bad = { ...txMessage('race-bad', 1, 1), payCount: 0 };
    const body = { txMessages: [...txNos.map((txNo) => ({ ...txMessage(txNo, 1, 1), payCount: 0 })), bad] };
    const deadLetterId = await bury(body);
    const before = await left();
    await Promise.all([
      ...txNos.map((txNo) => handler.handle([single(txNo, 1, 1)])),
      api.admin.dropDeadLetter({ deadLetterId, actor }),
    ]);
    const rows = await stock.select<{ tx_no: string; outcome: string }>(
      "SELECT tx_no, outcome FROM tx_log WHERE tx_no LIKE 'race-%' AND tx_no <> 'race-bad'",
    );
    expect(rows).toHaveLength(20);
    const taken = rows.filter(({ outcome }) => outcome === 'APPLIED').length;
    expect(before - (await left())).toBe(BigInt(taken));
    for (const { tx_no, outcome } of rows) expect(handler.outcomeOf(tx_no)?.outcome).toBe(outcome);
  });

  it('say UNAVAILABLE when the outcomes could not be published, and may be dropped again', async () => {
    const deadLetterId = await bury({ txMessage: { ...txMessage('unpublished', 1, 1), payCount: 0 } });
    handler.publishing = false;
    const call = api.admin.dropDeadLetter({ deadLetterId, actor });
    await expect(call).rejects.toMatchObject({ code: Code.UNAVAILABLE });
    handler.publishing = true;
    await api.admin.dropDeadLetter({ deadLetterId, actor });
    expect(handler.outcomeOf('unpublished')).toEqual(dropped);
  });

  it('need an actor and must exist', async () => {
    const [replay, drop] = [api.admin.replayDeadLetter, api.admin.dropDeadLetter];
    for (const call of [replay, drop]) {
      await expect(call({ deadLetterId: 1n })).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
      const missing = call({ deadLetterId: 999_999n, actor });
      await expect(missing).rejects.toMatchObject({ code: Code.NOT_FOUND });
    }
    await expect(api.admin.getDeadLetter({ deadLetterId: 999_999n })).rejects.toMatchObject({
      code: Code.NOT_FOUND,
    });
  });
});

describe('watermarks and actions', () => {
  it('show participants known by their messages and by their reports', async () => {
    const oldest = timestampFromMs(Date.now() - 5_000);
    await api.admin.reportWatermark({ participant: 'shop', oldestUnsettledTime: oldest });
    const { watermarks } = await api.admin.listWatermarks({});
    expect(watermarks.map(({ participant }) => participant)).toEqual(['order-svc', 'shop']);
    expect(watermarks[0]?.reportTime).toBeUndefined();
    expect(watermarks[1]?.oldestUnsettledTime).toEqual(oldest);
    await api.admin.deleteWatermark({ participant: 'shop', actor });
    const again = api.admin.deleteWatermark({ participant: 'shop', actor });
    await expect(again).rejects.toMatchObject({ code: Code.NOT_FOUND });
  });

  it('below the floor are told', async () => {
    await stock.select("UPDATE retention SET floor = '2001-01-01 00:00:00'");
    const below = timestampFromMs(Date.UTC(2000, 0, 1));
    await api.admin.reportWatermark({ participant: 'late', oldestUnsettledTime: below });
    expect(toldBelowFloor).toMatchObject([{ participant: 'late' }]);
    await api.admin.reportWatermark({
      participant: 'late',
      oldestUnsettledTime: timestampFromMs(Date.now()),
    });
    expect(toldBelowFloor).toHaveLength(1);
  });

  it('tell who did what', async () => {
    const { actions } = await api.admin.listAdminActions({ pageSize: 500 });
    expect(new Set(actions.map(({ action }) => action))).toEqual(
      new Set(['REPLAY_DEAD_LETTER', 'DROP_DEAD_LETTER', 'DELETE_WATERMARK']),
    );
    expect(actions.every((action) => action.actor === actor && action.createTime !== undefined)).toBe(true);
    const page = await api.admin.listAdminActions({ pageSize: 1 });
    expect(page.actions).toHaveLength(1);
    expect(page.nextPageToken).not.toBe('');
  });
});

describe('the status of an instance', () => {
  it('tells whether it receives and what it has done', async () => {
    const before = (await api.admin.getStatus({})).counters.applied ?? 0n;
    await handler.handle([single('for-the-status', 1n, 1)]);
    const { receiving, counters } = await api.admin.getStatus({});
    expect(receiving).toBe(true);
    expect(counters).toMatchObject({ applied: before + 1n, below_floor: 0n });
  });
});
