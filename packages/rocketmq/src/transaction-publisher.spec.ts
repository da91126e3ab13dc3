import { randomUUID } from 'node:crypto';
import { startTestBroker, type TestBroker } from '@txmsg/stack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { BODY_BYTES_MAX, createSubscriber, createTransactionPublisher, KEY_BYTES_MAX } from './index.js';
import {
  testLogger as logger,
  message,
  publish,
  receiveBodies,
  untilAvailable,
} from './test-support/fixture.js';
import type {
  ReceivedMessage,
  Resolution,
  Subscriber,
  TransactionPublisher,
  TransactionPublisherOptions,
} from './types.js';

let broker: TestBroker;
let topic: string;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

async function setUp(
  check: TransactionPublisherOptions['check'] = async () => undefined,
): Promise<{ publisher: TransactionPublisher; subscriber: Subscriber }> {
  topic = `tx_${randomUUID()}`;
  await broker.createTopic(topic, 'TRANSACTION');
  await broker.createGroup(`${topic}_group`);
  const publisher = createTransactionPublisher({ endpoints: broker.endpoints, topic, logger, check });
  const subscriber = createSubscriber({
    endpoints: broker.endpoints,
    topic,
    group: `${topic}_group`,
    logger,
  });
  open.push(publisher, subscriber);
  await Promise.all([untilAvailable(publisher), untilAvailable(subscriber)]);
  return { publisher, subscriber };
}

describe('half messages', () => {
  test('a committed one is delivered with body, keys and properties', async () => {
    const { publisher, subscriber } = await setUp();
    await publish(publisher, message(topic, 'committed', ['key-1', 'key-2']));
    const [received] = await receiveBodies(subscriber, ['committed']);
    expect(received).toMatchObject({ topic, keys: ['key-1', 'key-2'], deliveryAttempt: 1 });
    expect(received?.properties.get('origin')).toBe('spec');
    expect(Math.abs((received?.bornTimeMs ?? 0) - Date.now())).toBeLessThan(30_000);
  });

  test('one that was rolled back is not delivered, also not by a check-back', async () => {
    const { publisher, subscriber } = await setUp(async (half) =>
      half.body.toString() === 'rolled back' ? 'COMMIT' : undefined,
    );
    await publisher.end(await publisher.prepare(message(topic, 'rolled back')), 'ROLLBACK');
    // Two check intervals later a message that is still undecided has been asked for; this one hasn't.
    const undecided = await publisher.prepare(message(topic, 'later'));
    await publisher.end(undecided, 'COMMIT');
    const came = await receiveBodies(subscriber, ['later']);
    expect(came.map(({ body }) => body.toString())).toEqual(['later']);
    expect(await quietFor(subscriber)).toEqual([]);
  });

  test('ended by another client, from plain data', async () => {
    const { publisher, subscriber } = await setUp();
    const prepared = await publisher.prepare(message(topic, 'handed over'));
    const other = createTransactionPublisher({
      endpoints: broker.endpoints,
      topic,
      logger,
      check: async () => undefined,
    });
    open.push(other);
    await untilAvailable(other);
    await other.end(JSON.parse(JSON.stringify(prepared)), 'COMMIT');
    await receiveBodies(subscriber, ['handed over']);
  });

  test('a second end fails and changes nothing', async () => {
    const { publisher, subscriber } = await setUp();
    const prepared = await publisher.prepare(message(topic, 'once'));
    await publisher.end(prepared, 'COMMIT');
    await expect(publisher.end(prepared, 'ROLLBACK')).rejects.toMatchObject({ name: 'BrokerError' });
    await receiveBodies(subscriber, ['once']);
  });
});

describe('check-backs', () => {
  test('COMMIT delivers, ROLLBACK drops, no answer and a throw are asked again', async () => {
    const asked: string[] = [];
    const answers: Record<string, (Resolution | undefined)[]> = {
      commit: ['COMMIT'],
      rollback: ['ROLLBACK'],
      patience: [undefined, 'COMMIT'],
    };
    const { publisher, subscriber } = await setUp(async (half: ReceivedMessage) => {
      const body = half.body.toString();
      asked.push(body);
      if (body === 'failing' && asked.filter((name) => name === body).length === 1) {
        throw new Error('the first check of this one fails');
      }
      return body === 'failing' ? 'COMMIT' : answers[body]?.shift();
    });
    for (const body of ['commit', 'rollback', 'patience', 'failing']) {
      await publisher.prepare(message(topic, body));
    }
    const came = await receiveBodies(subscriber, ['commit', 'patience', 'failing'], 45_000);
    expect(came.map(({ body }) => body.toString())).not.toContain('rollback');
    expect(asked.filter((body) => body === 'rollback')).toHaveLength(1);
    expect(asked.filter((body) => body === 'patience')).toHaveLength(2);
  });

  test('go to another client of the topic when the sender is gone', async () => {
    const { publisher, subscriber } = await setUp();
    await publisher.prepare(message(topic, 'orphan'));
    await publisher.close();
    const checked = vi.fn(async (): Promise<Resolution> => 'COMMIT');
    open.push(createTransactionPublisher({ endpoints: broker.endpoints, topic, logger, check: checked }));
    await receiveBodies(subscriber, ['orphan']);
    expect(checked).toHaveBeenCalled();
  });
});

describe('limits', () => {
  test('400 keys: the message is found by the first, the last and one between', async () => {
    const { publisher, subscriber } = await setUp();
    const keys = Array.from({ length: 400 }, () => randomUUID());
    await publish(publisher, message(topic, 'many keys', keys));
    const [received] = await receiveBodies(subscriber, ['many keys']);
    expect(received?.keys).toEqual(keys);
    for (const key of [keys[0], keys[200], keys[399]] as string[]) {
      await vi.waitFor(async () => expect(await broker.queryByKey(topic, key)).toHaveLength(1), {
        timeout: 10_000,
      });
    }
  });

  test('keys and properties up to the documented limits are taken by the broker', async () => {
    const { publisher } = await setUp();
    const key = 'k'.repeat(1023);
    const keys = Array.from({ length: KEY_BYTES_MAX / 1024 }, () => key);
    const properties = { filler: 'x'.repeat(1024 - 'filler'.length) };
    await publisher.end(await publisher.prepare({ ...message(topic, 'full', keys), properties }), 'ROLLBACK');
    await expect(publisher.prepare(message(topic, 'full', [...keys, 'k']))).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  test('a body of the largest size arrives; one byte more, and an empty one, are refused here', async () => {
    const { publisher, subscriber } = await setUp();
    const body = Buffer.alloc(BODY_BYTES_MAX, 'b');
    await publish(publisher, { ...message(topic), body });
    const [received] = await receiveBodies(subscriber, [body.toString()]);
    expect(received?.body.length).toBe(BODY_BYTES_MAX);
    const larger = Buffer.alloc(BODY_BYTES_MAX + 1, 'b');
    await expect(publisher.prepare({ ...message(topic), body: larger })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
    await expect(publisher.prepare(message(topic, ''))).rejects.toMatchObject({ code: 'INVALID' });
  });

  test('more calls than allowed are refused at once, and the rest succeed', async () => {
    const { publisher: first } = await setUp();
    await first.close();
    const publisher = createTransactionPublisher({
      endpoints: broker.endpoints,
      topic,
      logger,
      check: async () => 'ROLLBACK',
      maxInFlight: 4,
      maxWaiting: 8,
    });
    open.push(publisher);
    await untilAvailable(publisher);
    const calls = Array.from({ length: 20 }, () => publisher.prepare(message(topic)));
    const outcomes = await Promise.allSettled(calls);
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => reason.code)).toEqual(Array(8).fill('OVERLOADED'));
  });

  test('an aborted call rejects at once', async () => {
    const { publisher } = await setUp();
    const abort = new AbortController();
    const call = publisher.prepare(message(topic), { signal: abort.signal });
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

/** What comes in one long poll after the half message must have been checked; the profile checks after 3 s. */
async function quietFor(subscriber: Subscriber): Promise<string[]> {
  const signal = AbortSignal.timeout(20_000);
  const came = await subscriber.receive({ maxMessages: 32, invisibleMs: 10_000, waitMs: 8_000, signal });
  return came.map(({ body }) => body.toString());
}
