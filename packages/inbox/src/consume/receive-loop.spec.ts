import { BrokerError, type ReceivedMessage, type ReceiveOptions, type Subscriber } from '@txmsg/rocketmq';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCounters } from './counters.js';
import type { Delivery } from './delivery.js';
import { createGate, type Gate } from './gate.js';
import { type ReceiveLoopParts, runReceiveLoop } from './receive-loop.js';

/** A subscriber that gives out what a test puts in, and is waited for while there is nothing. */
class FakeSubscriber implements Partial<Subscriber> {
  readonly batches: (ReceivedMessage[] | Error)[] = [];
  readonly acked: string[] = [];
  receives = 0;
  waiting = 0;

  async receive({ signal }: ReceiveOptions): Promise<ReceivedMessage[]> {
    this.receives += 1;
    this.waiting += 1;
    try {
      while (this.batches.length === 0 && !signal.aborted)
        await new Promise((resolve) => setImmediate(resolve));
    } finally {
      this.waiting -= 1;
    }
    const batch = signal.aborted ? [] : (this.batches.shift() ?? []);
    if (batch instanceof Error) throw batch;
    return batch;
  }

  async ack(messages: readonly ReceivedMessage[]) {
    this.acked.push(...messages.map(({ messageId }) => messageId));
    return { failed: [] };
  }
}

function message(messageId: string): ReceivedMessage {
  return {
    messageId,
    topic: 'topic_txmsg',
    body: Buffer.from('{}'),
    keys: [],
    properties: new Map([['participant', 'order-svc']]),
    bornTimeMs: 1,
    deliveryAttempt: 1,
  };
}

let subscriber: FakeSubscriber;
let gate: Gate;
let stopping: AbortController;
let running: Promise<void>;
let outages: unknown[];
let handle: ReceiveLoopParts['handle'];

beforeEach(() => {
  subscriber = new FakeSubscriber();
  gate = createGate();
  stopping = new AbortController();
  outages = [];
  handle = async (deliveries) => deliveries.map(() => ({ done: true }));
  running = runReceiveLoop(
    {
      subscriber: subscriber as unknown as Subscriber,
      handle: (deliveries, messages) => handle(deliveries, messages),
      gate,
      reportOutage: (error) => {
        outages.push(error);
        gate.close();
      },
      counters: createCounters(),
      logger: pino({ level: 'silent' }),
      maxMessages: 32,
      invisibleMs: 30_000,
    },
    stopping.signal,
  );
});
afterEach(async () => {
  stopping.abort();
  await running;
});

describe('runReceiveLoop', () => {
  it('receives nothing until the gate is open', async () => {
    subscriber.batches.push([message('a')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(subscriber.receives).toBe(0);
    gate.open();
    await expect.poll(() => subscriber.acked).toEqual(['a']);
  });

  it('acks what is done and leaves the rest', async () => {
    handle = async (deliveries) => deliveries.map(({ messageId }) => ({ done: messageId !== 'b' }));
    subscriber.batches.push([message('a'), message('b'), message('c')]);
    gate.open();
    await expect.poll(() => subscriber.acked).toEqual(['a', 'c']);
  });

  it('acks large messages as they are done, and leaves those behind outcomes that could not be published', async () => {
    const large = (messageId: string) => ({ ...message(messageId), body: Buffer.alloc(200_000) });
    const handled: string[][] = [];
    handle = async (deliveries) => {
      handled.push(deliveries.map(({ messageId }) => messageId));
      expect(subscriber.acked).toHaveLength(handled.length === 1 ? 0 : 2);
      return deliveries.map(() => ({ done: handled.length === 1, unpublished: handled.length > 1 }));
    };
    subscriber.batches.push(['a', 'b', 'c', 'd', 'e'].map(large));
    gate.open();
    await expect
      .poll(() => handled)
      .toEqual([
        ['a', 'b'],
        ['c', 'd'],
      ]);
    expect(subscriber.acked).toEqual(['a', 'b']);
  });

  it('goes on at once behind a message that is left by its own fault', async () => {
    handle = async (deliveries) => deliveries.map(() => ({ done: false }));
    subscriber.batches.push(...Array.from({ length: 20 }, (_, index) => [message(`left-${index}`)]));
    gate.open();
    // With the pauses after failures 20 rounds would take over a minute.
    await expect.poll(() => subscriber.receives, { timeout: 3_000 }).toBeGreaterThan(20);
    expect(subscriber.acked).toEqual([]);
  });

  it('stops a receive that waits when the database goes away, and goes on when it is back', async () => {
    gate.open();
    await expect.poll(() => subscriber.waiting).toBe(1);
    gate.close();
    await expect.poll(() => subscriber.waiting).toBe(0);
    subscriber.batches.push([message('a')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(subscriber.acked).toEqual([]);
    gate.open();
    await expect.poll(() => subscriber.acked).toEqual(['a']);
  });

  it.each([
    ['an outage', { code: 'ECONNRESET' }],
    ['a wait for a lock, which may be one of the whole server', { errno: 1205 }],
  ])(
    'acks nothing after %s, tells of it, and does not receive again until the gate is open',
    async (_, facts) => {
      const outage = Object.assign(new Error('gone'), facts);
      handle = async () => Promise.reject(outage);
      subscriber.batches.push([message('a')], [message('b')]);
      gate.open();
      await expect.poll(() => outages).toEqual([outage]);
      // Longer than the pause after a failure: a loop that ignored the gate would have received again.
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(subscriber.receives).toBe(1);
      expect(subscriber.acked).toEqual([]);
    },
  );

  it('outlives a broker that is away', async () => {
    subscriber.batches.push(new BrokerError('UNAVAILABLE', 'away'), [message('a')]);
    gate.open();
    await expect.poll(() => subscriber.acked, { timeout: 5_000 }).toEqual(['a']);
  });

  it('finishes and acks what it has in hand when it is stopped', async () => {
    let finish: () => void = () => {};
    const started = new Promise<readonly Delivery[]>((resolve) => {
      handle = async (deliveries) => {
        resolve(deliveries);
        await new Promise<void>((done) => {
          finish = done;
        });
        return deliveries.map(() => ({ done: true }));
      };
    });
    subscriber.batches.push([message('a')], [message('b')]);
    gate.open();
    expect(await started).toMatchObject([{ messageId: 'a', participant: 'order-svc' }]);
    stopping.abort();
    finish();
    await running;
    expect(subscriber.acked).toEqual(['a']);
  });
});
