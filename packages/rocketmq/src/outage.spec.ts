import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  createTcpProxy,
  freePort,
  startTestBroker,
  type TcpProxy,
  type TestBroker,
} from '@txmsg/stack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSubscriber, createTransactionPublisher } from './index.js';
import {
  testLogger as logger,
  message,
  publish,
  receiveBodies,
  untilAvailable,
  untilUnavailable,
} from './test-support/fixture.js';
import type { Subscriber, TransactionPublisher } from './types.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

function clients(
  endpoints: string,
  topic: string,
): { publisher: TransactionPublisher; subscriber: Subscriber } {
  const publisher = createTransactionPublisher({ endpoints, topic, logger, check: async () => 'COMMIT' });
  const subscriber = createSubscriber({ endpoints, topic, group: `${topic}_group`, logger });
  open.push(publisher, subscriber);
  return { publisher, subscriber };
}

async function createTopic(broker: TestBroker): Promise<string> {
  const topic = `tx_${randomUUID()}`;
  await broker.createTopic(topic, 'TRANSACTION');
  await broker.createGroup(`${topic}_group`);
  return topic;
}

describe('no broker', () => {
  test('a refused port and a black hole: calls fail at once, close is quick', async () => {
    const hole = createServer();
    hole.listen(0, '127.0.0.1');
    await once(hole, 'listening');
    const address = hole.address();
    const port = address && typeof address === 'object' ? address.port : 0;
    for (const endpoints of [`127.0.0.1:${await freePort()}`, `127.0.0.1:${port}`]) {
      const { publisher, subscriber } = clients(endpoints, 'nowhere');
      const startedAt = Date.now();
      await expect(publisher.prepare(message('nowhere'))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        outcomeUnknown: false,
      });
      expect(Date.now() - startedAt).toBeLessThan(500);
      const options = {
        maxMessages: 1,
        invisibleMs: 10_000,
        waitMs: 100,
        signal: AbortSignal.timeout(5_000),
      };
      await expect(subscriber.receive(options)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await Promise.all([publisher.close(), subscriber.close()]);
      expect(Date.now() - startedAt).toBeLessThan(10_000);
    }
    hole.close();
  });
});

describe('one process', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startTestBroker();
  });
  afterAll(() => broker.stop());

  test('away at the start, comes later', async () => {
    const topic = await createTopic(broker);
    await broker.kill();
    const { publisher, subscriber } = clients(broker.endpoints, topic);
    await expect(publisher.prepare(message(topic))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await broker.start();
    await Promise.all([untilAvailable(publisher), untilAvailable(subscriber)]);
    await publish(publisher, message(topic, 'at last'));
    await receiveBodies(subscriber, ['at last']);
  });

  test('killed and restarted under traffic: everything acknowledged arrives, calls work again by themselves', async () => {
    const topic = await createTopic(broker);
    const { publisher, subscriber } = clients(broker.endpoints, topic);
    await Promise.all([untilAvailable(publisher), untilAvailable(subscriber)]);
    const acknowledged: string[] = [];
    let failures = 0;
    const stop = new AbortController();
    const traffic = (async () => {
      for (let index = 0; !stop.signal.aborted; index += 1) {
        const body = `body ${index}`;
        await publish(publisher, message(topic, body)).then(
          () => acknowledged.push(body),
          () => {
            failures += 1;
          },
        );
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    const wakened: number[] = [];
    publisher.onAvailable(() => wakened.push(Date.now()));
    await broker.kill();
    await untilUnavailable(publisher);
    await broker.start();
    const startedAt = Date.now();
    await untilAvailable(publisher);
    expect(wakened.length).toBeGreaterThan(0);
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    const countAtReturn = acknowledged.length;
    await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(countAtReturn + 10);
    stop.abort();
    await traffic;
    expect(failures).toBeGreaterThan(0);
    // A commit that the broker acknowledged just before the kill may come by its check-back.
    await receiveBodies(subscriber, acknowledged, 50_000);
  }, 120_000);

  test('a broker that is frozen: calls time out, then fail at once, and work again after', async () => {
    const topic = await createTopic(broker);
    const { publisher } = clients(broker.endpoints, topic);
    await untilAvailable(publisher);
    broker.pause();
    const startedAt = Date.now();
    await expect(publisher.prepare(message(topic), { timeoutMs: 700 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      outcomeUnknown: true,
    });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    await untilUnavailable(publisher);
    broker.resume();
    await untilAvailable(publisher);
    await publish(publisher, message(topic));
  });

  test('the disk is lost: topics are made again and calls work again', async () => {
    const topic = await createTopic(broker);
    const { publisher, subscriber } = clients(broker.endpoints, topic);
    await Promise.all([untilAvailable(publisher), untilAvailable(subscriber)]);
    await broker.kill();
    broker.deleteData();
    await broker.start();
    await expect
      .poll(() => publish(publisher, message(topic, 'new life')).then(() => 'ok', String), {
        timeout: 40_000,
      })
      .toBe('ok');
    await receiveBodies(subscriber, ['new life'], 40_000);
  });
});

describe('behind a TCP proxy', () => {
  let broker: TestBroker;
  let proxy: TcpProxy;
  beforeAll(async () => {
    broker = await startTestBroker({ separate: true });
    proxy = await createTcpProxy({ target: broker.endpoints });
  });
  afterAll(async () => {
    await proxy.close();
    await broker.stop();
  });

  test.each(['drop', 'cut'] as const)(
    '%s: recovers by itself, and a new client in the process works',
    async (fault) => {
      const topic = await createTopic(broker);
      const { publisher, subscriber } = clients(proxy.address, topic);
      await Promise.all([untilAvailable(publisher), untilAvailable(subscriber)]);
      await publish(publisher, message(topic, 'before'));
      await receiveBodies(subscriber, ['before']);
      proxy[fault]();
      await untilUnavailable(publisher);
      proxy.restore();
      const restoredAt = Date.now();
      const { publisher: other } = clients(proxy.address, topic);
      await Promise.all([untilAvailable(publisher), untilAvailable(other)]);
      expect(Date.now() - restoredAt).toBeLessThan(20_000);
      await publish(publisher, message(topic, 'after'));
      await publish(other, message(topic, 'other'));
      await receiveBodies(subscriber, ['after', 'other'], 40_000);
    },
  );

  test.each([
    ['killed', 'kill', 'start'],
    ['frozen', 'pause', 'resume'],
  ] as const)(
    'the proxy answers and the broker is %s: calls are held back, and go on when it is back',
    async (_, stop, start) => {
      const topic = await createTopic(broker);
      const { publisher, subscriber } = clients(broker.endpoints, topic);
      await Promise.all([untilAvailable(publisher), untilAvailable(subscriber)]);
      await broker.part('broker')[stop]();
      await expect
        .poll(
          async () => {
            await publisher.prepare(message(topic), { timeoutMs: 1_000 }).catch(() => undefined);
            return publisher.available;
          },
          { timeout: 30_000 },
        )
        .toBe(false);
      await expect(publisher.prepare(message(topic))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await broker.part('broker')[start]();
      await expect
        .poll(() => publish(publisher, message(topic, 'again')).then(() => 'ok', String), { timeout: 40_000 })
        .toBe('ok');
      await receiveBodies(subscriber, ['again'], 40_000);
    },
    120_000,
  );
});
