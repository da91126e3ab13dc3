import type { ReceivedMessage } from '@txmsg/rocketmq';
import { beforeEach, expect, it } from 'vitest';
import { createCounters } from './counters.js';
import type { DecodedDelivery } from './delivery.js';
import type { Handled } from './handle-deliveries.js';
import { createInFlight, type InFlight } from './in-flight.js';

const INVISIBLE_MS = 60;

let acked: ReceivedMessage[];
let renewed: number[];
let order: string[];
let outages: unknown[];
let outcome: () => Promise<Partial<Handled>>;
let inFlight: InFlight;
const counters = createCounters();
const warned: object[] = [];

beforeEach(() => {
  [acked, renewed, order, outages] = [[], [], [], []];
  warned.length = 0;
  counters.unacked = 0;
  outcome = async () => ({ done: true });
  inFlight = createInFlight({
    subscriber: {
      async ack(messages) {
        acked.push(...messages);
        order.push('ack');
        return { failed: [] };
      },
      async renew(_, invisibleMs) {
        renewed.push(invisibleMs);
        await new Promise((resolve) => setTimeout(resolve, 10));
        order.push('renewed');
        return true;
      },
    },
    handle: async () => [(await outcome()) as Handled],
    reportOutage: (error) => void outages.push(error),
    counters,
    logger: { debug() {}, info() {}, warn: (fields) => void warned.push(fields), error() {} },
    invisibleMs: INVISIBLE_MS,
    maxMessages: 2,
  });
});

function add(messageId = 'one', deliveryAttempt = 1, { bytes = 0, transactions = 1 } = {}): ReceivedMessage {
  const message = { messageId, deliveryAttempt, body: Buffer.alloc(bytes) } as unknown as ReceivedMessage;
  const decoded = { transactions: Array.from({ length: transactions }, () => ({})), faults: [] };
  inFlight.add(message, { decoded } as unknown as DecodedDelivery);
  return message;
}

it('acks a message that is done, and renews none that is done at once', async () => {
  const message = add();
  await inFlight.idle();
  expect(acked).toEqual([message]);
  expect(renewed).toEqual([]);
});

it('keeps a message hidden as long as it is handled, and acks it by its last receipt', async () => {
  const end = Promise.withResolvers<void>();
  outcome = async () => {
    await end.promise;
    return { done: true };
  };
  add();
  await expect.poll(() => renewed.length, { interval: 1 }).toBe(3);
  // One renewal is under way.
  end.resolve();
  await inFlight.idle();
  expect(renewed).toEqual([INVISIBLE_MS, INVISIBLE_MS, INVISIBLE_MS]);
  expect(order).toEqual(['renewed', 'renewed', 'renewed', 'ack']);
});

it('leaves a message whose handler has failed for a while, longer with each delivery', async () => {
  outcome = async () => ({ done: false, result: { applied: [], failure: new Error('failed') } });
  add('one', 1);
  await inFlight.idle();
  add('two', 30);
  await inFlight.idle();
  expect(acked).toEqual([]);
  expect(renewed[0]).toBeGreaterThanOrEqual(10_000);
  expect(renewed[0]).toBeLessThanOrEqual(20_000);
  expect(renewed[1]).toBeGreaterThanOrEqual(150_000);
  expect(counters.unacked).toBe(2);
  expect(warned).toHaveLength(2);
});

it('leaves a message that waits for others to its redelivery', async () => {
  outcome = async () => ({ done: false, result: { applied: [] } });
  add();
  await inFlight.idle();
  expect([acked, renewed, counters.unacked]).toEqual([[], [], 1]);
});

it('leaves a message after an outage, and tells of it', async () => {
  outcome = () => Promise.reject(Object.assign(new Error('gone'), { errno: 2006, code: 'ECONNRESET' }));
  add();
  await inFlight.idle();
  expect(acked).toEqual([]);
  expect(outages).toHaveLength(1);
});

it('has room for so many messages, and again when one has ended', async () => {
  const end = Promise.withResolvers<void>();
  outcome = async () => {
    await end.promise;
    return { done: true };
  };
  const { signal } = new AbortController();
  add('one');
  await inFlight.room(signal);
  add('two');
  let hasRoom = false;
  const waiting = inFlight.room(signal).then(() => {
    hasRoom = true;
  });
  const stopped = new AbortController();
  const giving = inFlight.room(stopped.signal);
  stopped.abort();
  await giving;
  expect(hasRoom).toBe(false);
  end.resolve();
  await waiting;
  await inFlight.idle();
  expect(inFlight.size).toBe(0);
});

it.each([{ bytes: 16 * 1024 * 1024 }, { transactions: 10_000 }])(
  'has no room beside a message of %j',
  async (size) => {
    const end = Promise.withResolvers<void>();
    outcome = async () => {
      await end.promise;
      return { done: true };
    };
    add('large', 1, size);
    let hasRoom = false;
    const waiting = inFlight.room(new AbortController().signal).then(() => {
      hasRoom = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    end.resolve();
    await waiting;
  },
);
