import { randomUUID } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { startTestBroker, type TestBroker } from '@txmsg/stack/testing';
import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import service from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createSubscriber } from './index.js';
import { createMessageIds } from './message-id.js';
import { encodeMessage } from './messages.js';
import { Sender } from './sender.js';
import { checkStatus } from './status.js';
import { testLogger as logger, message, untilAvailable } from './test-support/fixture.js';
import type { ReceivedMessage, Subscriber } from './types.js';

let broker: TestBroker;
const open: { close(): Promise<void> }[] = [];
const nextMessageId = createMessageIds();
const text = Buffer.from('hello '.repeat(1_000));

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

/** A subscriber, and a way to send a body as another client would: packed by itself and labelled. */
async function setUp() {
  const topic = `n_${randomUUID()}`;
  await broker.createTopic(topic, 'NORMAL');
  await broker.createGroup(`${topic}_group`);
  const options = { endpoints: broker.endpoints, topic, logger };
  const sender = new Sender({ ...options, kind: 'NORMAL' });
  const subscriber = createSubscriber({ ...options, group: `${topic}_group` });
  open.push(sender, subscriber);
  await Promise.all([untilAvailable(sender.connection), untilAvailable(subscriber)]);
  const send = (body: Buffer, encoding = definition.Encoding.IDENTITY) =>
    sender.withSlot({ timeoutMs: 10_000 }, async (session, bounds) => {
      const queue = session.nextQueue('WRITE');
      const encoded = encodeMessage({ ...message(topic), body }, 'NORMAL', nextMessageId(), queue);
      encoded.getSystemProperties()?.setBodyEncoding(encoding);
      const request = new service.SendMessageRequest().setMessagesList([encoded]);
      const { facade } = queue.broker.endpoints;
      const response = await session.call(facade, (client) => client.sendMessage, request, bounds, 'send');
      checkStatus(response.getStatus()?.toObject(), 'send');
    });
  return { subscriber, send };
}

/** Receives and acks until so many messages have come. */
async function receive(subscriber: Subscriber, count: number): Promise<ReceivedMessage[][]> {
  const signal = AbortSignal.timeout(60_000);
  const batches: ReceivedMessage[][] = [];
  while (batches.flat().length < count) {
    signal.throwIfAborted();
    const batch = await subscriber.receive({ maxMessages: 32, invisibleMs: 10_000, waitMs: 5_000, signal });
    expect(await subscriber.ack(batch)).toEqual({ failed: [] });
    if (batch.length > 0) batches.push(batch);
  }
  return batches;
}

test('bodies are opened by their format and not by their label; what can not be is handed over and can be acked', async () => {
  const { subscriber, send } = await setUp();
  const { GZIP } = definition.Encoding;
  const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
  const damaged = Buffer.from(deflateSync(text)).fill(0, 10, 20);
  const sent: [Buffer, definition.Encoding?][] = [
    [deflateSync(text), GZIP],
    [gzipSync(text), GZIP],
    [deflateSync(text)],
    [text, GZIP],
    [bomb, GZIP],
    [damaged, GZIP],
  ];
  for (const [body, encoding] of sent) await send(body, encoding);
  const received = (await receive(subscriber, sent.length)).flat();
  const opened = received.filter(({ unreadable }) => !unreadable);
  expect(opened.map(({ body }) => body.equals(text))).toEqual([true, true, true, true]);
  const unreadable = new Map(received.map((one) => [one.unreadable?.code, one.body]));
  expect(unreadable.get('BODY_TOO_LARGE')).toEqual(bomb);
  expect(unreadable.get('BODY_CORRUPT')).toEqual(damaged);
});

test('a receive holds a bounded number of bytes: large messages are left and come again, small ones never', async () => {
  const { subscriber, send } = await setUp();
  const bytes = 4_000_000;
  const large = gzipSync(Buffer.alloc(bytes));
  for (let index = 0; index < 12; index += 1) await send(large);
  await send(text);
  const batches = await receive(subscriber, 13);
  for (const batch of batches) {
    expect(batch.filter(({ body }) => body.length === bytes).length).toBeLessThanOrEqual(5);
  }
  const small = batches.flat().filter(({ body }) => body.equals(text));
  expect(small.map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([1]);
});
