import type { ReceivedMessage } from '@txmsg/rocketmq';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Disposition } from '../domain/decide-group.js';
import { createCounters } from './counters.js';
import type { DecodedDelivery } from './delivery.js';
import type { Handled } from './handle-deliveries.js';
import { createSetAside, type SetAside } from './set-aside.js';

const APPLIED: Disposition = { kind: 'decided', decision: { outcome: 'APPLIED', reason: '' } };
const BLOCKED: Disposition = { kind: 'blocked' };

let setAside: SetAside;
let stopping: AbortController;
let running: Promise<void>;
let acked: ReceivedMessage[];
let tried: DecodedDelivery[];
/** What becomes of the transactions that are tried again. */
let next: () => Disposition;
let outages: unknown[];
/** What a try waits for. */
let held: PromiseWithResolvers<void> | undefined;

beforeEach(() => {
  [acked, tried, outages, next, held] = [[], [], [], () => APPLIED, undefined];
  setAside = createSetAside({
    subscriber: {
      async ack(messages) {
        acked.push(...messages);
        return { failed: [] };
      },
    },
    async handle(deliveries) {
      tried.push(...deliveries);
      await held?.promise;
      return deliveries.map(({ delivery, decoded }) =>
        handled(delivery.messageId, decoded.transactions.map(next)),
      );
    },
    reportOutage: (error) => void outages.push(error),
    counters: createCounters(),
    logger: pino({ level: 'silent' }),
  });
  stopping = new AbortController();
  running = setAside.run(stopping.signal);
});
afterEach(async () => {
  stopping.abort();
  held?.resolve();
  await running;
});

function message(messageId: string, bytes = 2): ReceivedMessage {
  return {
    messageId,
    topic: 'topic_txmsg',
    body: Buffer.alloc(bytes),
    keys: [],
    properties: new Map(),
    bornTimeMs: 1,
    deliveryAttempt: 1,
  };
}

/** What became of a message with one transaction for each disposition, named by its place. */
function handled(messageId: string, dispositions: readonly Disposition[]): Handled {
  const transactions = dispositions.map((_, index) => ({
    txNo: String(index),
    type: 'TakeStock',
    message: { productId: 1n, payCount: 1 },
    createTimeMs: 1,
  }));
  const applied = transactions.map((transaction, index) => ({
    transaction,
    participant: 'order-svc',
    disposition: dispositions[index] ?? BLOCKED,
  }));
  const blocked = dispositions.includes(BLOCKED);
  const { topic, body, bornTimeMs } = message(messageId);
  return {
    delivery: { topic, messageId, body, participant: 'order-svc', bornTimeMs, attempt: 1 },
    decoded: { transactions, faults: [] },
    result: { applied },
    judgement: { outcomes: new Map(), blocked, tryAgain: blocked },
    done: !blocked,
    unpublished: false,
  };
}

function soon(): number {
  return performance.now() + 30_000;
}

it('tries what is left of a message until it is done, and acks it', async () => {
  let tries = 0;
  next = () => {
    tries += 1;
    return tries < 3 ? BLOCKED : APPLIED;
  };
  const one = message('one');
  setAside.add(one, handled('one', [APPLIED, BLOCKED, APPLIED]), soon());
  await expect.poll(() => acked).toEqual([one]);
  expect(tried.map(({ decoded }) => decoded.transactions.map(({ txNo }) => txNo))).toEqual([
    ['1'],
    ['0'],
    ['0'],
  ]);
  // No first delivery: what it takes is no lag.
  expect(tried.map(({ delivery }) => delivery.attempt)).toEqual([2, 2, 2]);
  expect(setAside.size).toBe(0);
});

it('gives up a message in time for its redelivery', async () => {
  setAside.add(message('late'), handled('late', [BLOCKED]), performance.now() + 1_000);
  const one = message('one');
  setAside.add(one, handled('one', [BLOCKED]), soon());
  await expect.poll(() => acked).toEqual([one]);
  expect(setAside.size).toBe(0);
});

it.each<[string, Handled]>([
  ['has other content, too', handled('x', [BLOCKED, { ...APPLIED, kind: 'mismatch' } as Disposition])],
  ["is another participant's in part", handled('x', [BLOCKED, { kind: 'other-participant', owner: 'shop' }])],
  ['could not be told of', { ...handled('x', [BLOCKED]), unpublished: true }],
  ['failed', { ...handled('x', [BLOCKED]), result: { applied: [], failure: new Error('own') } }],
  ['is not blocked', handled('x', [APPLIED])],
])('leaves to the redelivery a message that %s', (_, one) => {
  setAside.add(message('x'), one, soon());
  expect(setAside.size).toBe(0);
});

it('keeps no more than it has room for', () => {
  for (let index = 0; index < 300; index += 1) {
    setAside.add(message(`m${index}`), handled('m', [BLOCKED]), soon());
  }
  expect(setAside.size).toBe(256);
});

it.each([
  ['messages', 256, 2, 1],
  ['bytes', 8, 2 * 1024 * 1024, 1],
  ['transactions', 10, 2, 1_000],
])(
  'counts the %s that are being tried: those that come meanwhile find no room',
  async (_, most, bytes, transactions) => {
    held = Promise.withResolvers();
    next = () => BLOCKED;
    const fill = () => {
      for (let index = 0; index <= most; index += 1) {
        const dispositions = Array.from({ length: transactions }, () => BLOCKED);
        setAside.add(message(`m${index}`, bytes), handled('m', dispositions), soon());
      }
    };
    fill();
    await expect.poll(() => tried).toHaveLength(most);
    fill();
    expect(setAside.size).toBe(most);
    held.resolve();
    // The next try has the same ones, and no more.
    await expect.poll(() => tried.length).toBe(2 * most);
    expect(setAside.size).toBe(most);
  },
);

it('keeps no more bytes and transactions than it has room for', () => {
  setAside.add(message('large', 17 * 1024 * 1024), handled('large', [BLOCKED]), soon());
  setAside.add(
    message('many'),
    handled(
      'many',
      Array.from({ length: 10_001 }, () => BLOCKED),
    ),
    soon(),
  );
  expect(setAside.size).toBe(0);
});

it.each([
  ['an outage', { code: 'ECONNRESET' }],
  ['a wait for a lock, which may be one of the whole server,', { errno: 1205 }],
])('tells of %s and leaves the messages to their redelivery', async (_, facts) => {
  const gone = Object.assign(new Error('gone'), facts);
  next = () => {
    throw gone;
  };
  setAside.add(message('one'), handled('one', [BLOCKED]), soon());
  await expect.poll(() => outages).toEqual([gone]);
  expect(setAside.size).toBe(0);
});
