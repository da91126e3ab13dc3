import { randomUUID } from 'node:crypto';
import { startTestBroker, type TestBroker } from '@txmsg/stack/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createPublisher, createSubscriber } from './index.js';
import { testLogger as logger, message, receiveBodies, untilAvailable } from './test-support/fixture.js';
import type { Publisher, ReceivedMessage, Subscriber } from './types.js';

let broker: TestBroker;
const open: { close(): Promise<void> }[] = [];
const never = new AbortController().signal;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

async function setUp(): Promise<{ topic: string; publisher: Publisher; subscriber: Subscriber }> {
  const topic = `n_${randomUUID()}`;
  await broker.createTopic(topic, 'NORMAL');
  await broker.createGroup(`${topic}_group`);
  const publisher = createPublisher({ endpoints: broker.endpoints, topic, logger });
  const subscriber = createSubscriber({
    endpoints: broker.endpoints,
    topic,
    group: `${topic}_group`,
    logger,
  });
  open.push(publisher, subscriber);
  await Promise.all([untilAvailable(publisher), untilAvailable(subscriber)]);
  return { topic, publisher, subscriber };
}

test('100 messages are received and acked in batches, each entry confirmed', async () => {
  const { topic, publisher, subscriber } = await setUp();
  const bodies = Array.from({ length: 100 }, (_, index) => `body ${index}`);
  await Promise.all(bodies.map((body) => publisher.send(message(topic, body), { timeoutMs: 30_000 })));
  const received: ReceivedMessage[] = [];
  while (received.length < 100) {
    const options = { maxMessages: 32, invisibleMs: 10_000, waitMs: 5_000, signal: never };
    const batch = await subscriber.receive(options);
    expect(batch.length).toBeLessThanOrEqual(32);
    received.push(...batch);
  }
  expect(new Set(received.map(({ body }) => body.toString()))).toEqual(new Set(bodies));
  expect(await subscriber.ack(received)).toEqual({ failed: [] });
});

test('what is not acked comes again, with a higher attempt; what is acked does not', async () => {
  const { topic, publisher, subscriber } = await setUp();
  await publisher.send(message(topic, 'kept'));
  await publisher.send(message(topic, 'dropped'));
  const first: ReceivedMessage[] = [];
  while (first.length < 2) {
    first.push(
      ...(await subscriber.receive({ maxMessages: 32, invisibleMs: 10_000, waitMs: 5_000, signal: never })),
    );
  }
  const { failed } = await subscriber.ack(first.filter(({ body }) => body.toString() === 'dropped'));
  expect(failed).toEqual([]);
  const again = await receiveBodies(subscriber, ['kept'], 40_000);
  expect(again.map(({ body }) => body.toString())).toEqual(['kept']);
  expect(again[0]?.deliveryAttempt).toBe(2);
  // The first delivery's receipt is worth nothing any more: the request is answered, its entry is not OK.
  const late = first.filter(({ body }) => body.toString() === 'kept');
  expect(await subscriber.ack(late)).toEqual({ failed: late });
});

test('an ack of a message that this subscriber never received is reported as failed', async () => {
  const { topic, publisher, subscriber } = await setUp();
  await publisher.send(message(topic, 'real'));
  const [real] = await receiveBodies(subscriber, ['real']);
  const copy = { ...(real as ReceivedMessage) };
  expect(await subscriber.ack([copy])).toEqual({ failed: [copy] });
});

test('what is renewed stays hidden beyond its time, and is acked by the same object', async () => {
  const { topic, publisher, subscriber } = await setUp();
  await publisher.send(message(topic, 'long'));
  const [long] = (await receiveBodies(subscriber, ['long'])) as [ReceivedMessage];
  const receive = () =>
    subscriber.receive({ maxMessages: 32, invisibleMs: 10_000, waitMs: 5_000, signal: never });
  const seen: ReceivedMessage[] = [];
  // Without a renewal it comes again after 10 s.
  const endAt = performance.now() + 24_000;
  while (performance.now() < endAt) {
    expect(await subscriber.renew(long, 20_000)).toBe(true);
    seen.push(...(await receive()));
  }
  expect(seen).toEqual([]);
  expect(await subscriber.ack([long])).toEqual({ failed: [] });
  expect(await subscriber.renew({ ...long }, 10_000)).toBe(false);
});

test('an abort ends the wait with nothing and loses nothing', async () => {
  const { topic, publisher, subscriber } = await setUp();
  const abort = new AbortController();
  const waiting = subscriber.receive({
    maxMessages: 32,
    invisibleMs: 10_000,
    waitMs: 20_000,
    signal: abort.signal,
  });
  abort.abort();
  expect(await waiting).toEqual([]);
  await publisher.send(message(topic, 'after the abort'));
  await receiveBodies(subscriber, ['after the abort']);
});

test('a normal message to a transactional topic is refused here, and a wrong topic too', async () => {
  const topic = `tx_${randomUUID()}`;
  await broker.createTopic(topic, 'TRANSACTION');
  const publisher = createPublisher({ endpoints: broker.endpoints, topic, logger });
  open.push(publisher);
  await untilAvailable(publisher);
  await expect(publisher.send(message(topic))).rejects.toMatchObject({ code: 'INVALID' });
  await expect(publisher.send(message('other'))).rejects.toMatchObject({ code: 'INVALID' });
});

test('impossible receives are refused', async () => {
  const { subscriber } = await setUp();
  const options = { maxMessages: 32, invisibleMs: 10_000, waitMs: 5_000, signal: never };
  await expect(subscriber.receive({ ...options, maxMessages: 33 })).rejects.toMatchObject({
    code: 'INVALID',
  });
  await expect(subscriber.receive({ ...options, invisibleMs: 9_999 })).rejects.toMatchObject({
    code: 'INVALID',
  });
});

test('a closed subscriber receives nothing and a closed publisher sends nothing', async () => {
  const { topic, publisher, subscriber } = await setUp();
  await Promise.all([publisher.close(), subscriber.close()]);
  const options = { maxMessages: 1, invisibleMs: 10_000, waitMs: 5_000, signal: never };
  expect(await subscriber.receive(options)).toEqual([]);
  await expect(publisher.send(message(topic))).rejects.toMatchObject({ code: 'CLOSED' });
});

test('sixteen clients for eight topics in one process', async () => {
  const pairs = await Promise.all(Array.from({ length: 8 }, () => setUp()));
  await Promise.all(pairs.map(({ publisher, topic }) => publisher.send(message(topic, topic))));
  for (const { subscriber, topic } of pairs) {
    await receiveBodies(subscriber, [topic]);
  }
});
