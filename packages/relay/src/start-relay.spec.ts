import { randomUUID } from 'node:crypto';
import { Client, status as Code, credentials, Metadata } from '@grpc/grpc-js';
import { RelayService } from '@txmsg/contracts';
import { createGrpcClient, type GrpcClient } from '@txmsg/contracts/grpc';
import { Outcome } from '@txmsg/contracts/message';
import { TransactionVerdict } from '@txmsg/contracts/participant';
import { TransactionResolution } from '@txmsg/contracts/relay';
import { createPublisher, createTransactionPublisher, type Publisher } from '@txmsg/rocketmq';
import { freePort, startTestBroker, type TestBroker } from '@txmsg/stack/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeHandle } from './domain/handle.js';
import {
  type Consumer,
  createTopics,
  logger,
  startConsumer,
  startParticipant,
  startTestRelay,
  startTopicConsumer,
  type TestParticipant,
  type TestRelay,
} from './spec-fixture.js';

const { COMMIT, ROLLBACK } = TransactionResolution;
const LONG = { timeout: 40_000, interval: 50 };
const closers: (() => Promise<void> | void)[] = [];
let broker: TestBroker;
let participant: TestParticipant;
let topics: Awaited<ReturnType<typeof createTopics>>;
let consumer: Consumer;
let env: Record<string, string>;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.stop());

beforeEach(async () => {
  topics = await createTopics(broker);
  participant = await startParticipant();
  env = { ...topics.env, TXMSG_RELAY_PARTICIPANTS: `order-svc=${participant.address}` };
  consumer = startTopicConsumer(broker, topics.topic);
  closers.push(
    () => participant.close(),
    () => consumer.stop(),
  );
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function relayWith(
  extra: Record<string, string> = {},
): Promise<{ relay: TestRelay; client: GrpcClient<typeof RelayService> }> {
  const relay = await startTestRelay({ ...env, ...extra });
  const client = createGrpcClient(RelayService, relay.address);
  closers.push(
    () => relay.stop(),
    () => client.close(),
  );
  await vi.waitFor(async () => expect(await health(relay, 'broker')).toBe('SERVING'), LONG);
  return { relay, client };
}

function request(body: string, transactionId: string = randomUUID()) {
  return {
    participant: 'order-svc',
    transactionId,
    topic: topics.topic,
    body: Buffer.from(body),
    txNos: [`${body}-1`, `${body}-2`],
    createTime: { seconds: 1_700_000_000n, nanos: 123_000_000 },
  };
}

async function health(relay: TestRelay, service: string): Promise<string> {
  const client = new Client(relay.address, credentials.createInsecure());
  // HealthCheckRequest{service = 1} and HealthCheckResponse{status = 1}, by hand.
  const encode = (name: string) => Buffer.concat([Buffer.from([10, name.length]), Buffer.from(name)]);
  const decode = (bytes: Buffer) => bytes[1] ?? 0;
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        encode,
        decode,
        service,
        new Metadata(),
        (error, status) => {
          if (error) reject(error);
          else resolve(['UNKNOWN', 'SERVING', 'NOT_SERVING'][status ?? 0] ?? 'UNKNOWN');
        },
      );
    });
  } finally {
    client.close();
  }
}

describe('half messages', () => {
  it('are delivered after COMMIT, with keys and properties, and never after ROLLBACK', async () => {
    const { client } = await relayWith();
    const kept = await client.prepareTransaction(request('kept', 'transaction-1'));
    const dropped = await client.prepareTransaction(request('dropped'));
    await client.endTransaction({ handle: dropped.handle, resolution: ROLLBACK });
    await client.endTransaction({ handle: kept.handle, resolution: COMMIT });
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['kept']), LONG);
    const [message] = consumer.received;
    expect(message?.keys).toEqual(['kept-1', 'kept-2']);
    expect(Object.fromEntries(message?.properties ?? [])).toMatchObject({
      participant: 'order-svc',
      transaction_id: 'transaction-1',
      create_time: '1700000000123',
      kind: 'half',
    });
    expect(await broker.queryByKey(topics.topic, 'kept-2')).toHaveLength(1);
  });

  it('are ended by a relay that did not prepare them', async () => {
    const { client } = await relayWith();
    const { client: other } = await relayWith();
    const { handle } = await client.prepareTransaction(request('handed over'));
    await other.endTransaction({ handle, resolution: COMMIT });
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['handed over']), LONG);
  });

  it.each([
    ['participant', { participant: 'stranger' }],
    ['topic', { topic: 'elsewhere' }],
  ])('with an unknown %s are refused', async (field, change) => {
    const { client } = await relayWith();
    const call = client.prepareTransaction({ ...request('refused'), ...change });
    await expect(call).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      details: expect.stringContaining(field),
    });
  });

  it('are not ended by garbage, by the handle of another topic, or when it is too late', async () => {
    const { client } = await relayWith();
    const { handle } = await client.prepareTransaction(request('ended'));
    const damaged = Buffer.from(handle);
    damaged.writeUInt8(damaged.readUInt8(10) ^ 1, 10);
    const half = {
      topic: 'elsewhere',
      messageId: 'm',
      transactionId: 'm',
      endpoints: broker.endpoints,
      preparedTimeMs: 0,
    };
    for (const bad of [damaged, Buffer.from('garbage'), encodeHandle(half)]) {
      const call = client.endTransaction({ handle: bad, resolution: COMMIT });
      await expect(call).rejects.toMatchObject({
        code: Code.INVALID_ARGUMENT,
        details: expect.stringContaining('handle'),
      });
    }
    const late = encodeHandle({ ...half, topic: topics.topic });
    const call = client.endTransaction({ handle: late, resolution: COMMIT });
    await expect(call).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
  });
});

describe('check-backs', () => {
  it('are decided by the participant, which is asked again while it does not know', async () => {
    const { client, relay } = await relayWith();
    participant.verdicts.set('t-commit', [TransactionVerdict.COMMIT]);
    participant.verdicts.set('t-rollback', [TransactionVerdict.ROLLBACK]);
    participant.verdicts.set('t-later', [TransactionVerdict.UNKNOWN, TransactionVerdict.COMMIT]);
    for (const id of ['t-commit', 't-rollback', 't-later']) await client.prepareTransaction(request(id, id));
    await vi.waitFor(() => expect(consumer.bodies().sort()).toEqual(['t-commit', 't-later']), LONG);
    expect(participant.checks.filter(({ transactionId }) => transactionId === 't-later')).toHaveLength(2);
    expect(participant.checks[0]?.createTime).toMatchObject({ seconds: 1_700_000_000n, nanos: 123_000_000 });
    await vi.waitFor(() => expect(relay.counters.snapshot().check_backs_rolled_back).toBe(1), LONG);
  });

  it('go to another replica when one is away', async () => {
    const dead = `127.0.0.1:${await freePort()}`;
    const { client } = await relayWith({
      TXMSG_RELAY_PARTICIPANTS: `order-svc=${dead}|${participant.address}`,
    });
    participant.verdicts.set('t-1', [TransactionVerdict.COMMIT]);
    await client.prepareTransaction(request('replica', 't-1'));
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['replica']), LONG);
  });

  it('are decided after a participant that was away has come back', async () => {
    const { client, relay } = await relayWith();
    participant.available = false;
    participant.verdicts.set('t-1', [TransactionVerdict.COMMIT]);
    await client.prepareTransaction(request('patience', 't-1'));
    await vi.waitFor(() => expect(relay.counters.snapshot().check_backs_failed).toBeGreaterThan(0), LONG);
    participant.available = true;
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['patience']), LONG);
  });

  it('of an unknown participant, or without one, are left alone', async () => {
    const foreign = createTransactionPublisher({
      endpoints: broker.endpoints,
      topic: topics.topic,
      logger,
      check: async () => undefined,
    });
    await vi.waitFor(() => expect(foreign.available).toBe(true), LONG);
    for (const properties of [{ participant: 'stranger', kind: 'outbox' }, {}] as Record<string, string>[]) {
      await foreign.prepare({ topic: topics.topic, body: Buffer.from('foreign'), keys: [], properties });
    }
    await foreign.close();
    const { relay } = await relayWith();
    await vi.waitFor(
      () => expect(relay.counters.snapshot().check_backs_foreign).toBeGreaterThanOrEqual(3),
      LONG,
    );
    expect(consumer.bodies()).toEqual([]);
    expect(participant.checks).toEqual([]);
  });
});

describe('the outbox', () => {
  it('publishes what is due, once', async () => {
    participant.due.push({ topic: topics.topic, body: 'first', txNos: ['1', '2'] });
    const { relay } = await relayWith();
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['first']), LONG);
    participant.due.push({ topic: topics.topic, body: 'second', txNos: ['3'] });
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['first', 'second']), LONG);
    expect(consumer.received[0]?.keys).toEqual(['1', '2']);
    expect(consumer.received[0]?.properties.get('kind')).toBe('outbox');
    expect(relay.counters.snapshot()).toMatchObject({ outbox_messages: 2, outbox_transactions: 3 });
    expect(participant.released).toEqual([]);
  });

  it('commits at the check-back what it could not end', async () => {
    const { relay } = await relayWith();
    await relay.stop();
    const crashed = createTransactionPublisher({
      endpoints: broker.endpoints,
      topic: topics.topic,
      logger,
      check: async () => undefined,
    });
    await vi.waitFor(() => expect(crashed.available).toBe(true), LONG);
    const properties = { participant: 'order-svc', kind: 'outbox' };
    await crashed.prepare({ topic: topics.topic, body: Buffer.from('not ended'), keys: [], properties });
    await crashed.close();
    await relayWith();
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['not ended']), LONG);
    expect(participant.checks).toEqual([]);
  });

  it('gives back what it could not publish, and publishes it when the broker is back', async () => {
    const { relay } = await relayWith();
    participant.beforeClaimReturns = async () => {
      participant.beforeClaimReturns = async () => undefined;
      await broker.kill();
    };
    participant.due.push({ topic: topics.topic, body: 'given back', txNos: ['1', '2'] });
    await vi.waitFor(() => expect(participant.released).toEqual(['1', '2']), LONG);
    await vi.waitFor(async () => expect(await health(relay, 'broker')).toBe('NOT_SERVING'), LONG);
    const claimsAtOutage = participant.claims;
    expect(await health(relay, '')).toBe('SERVING');
    await broker.start();
    await vi.waitFor(() => expect(consumer.bodies()).toContain('given back'), LONG);
    expect(participant.claims).toBeLessThan(claimsAtOutage + 5);
  });

  it('is woken when a Prepare failed', async () => {
    const idle = { TXMSG_RELAY_OUTBOX_IDLE_POLL: '10m', TXMSG_RELAY_OUTBOX_POLL: '10m' };
    const { client } = await relayWith(idle);
    await vi.waitFor(() => expect(participant.claims).toBe(1), LONG);
    participant.due.push({ topic: topics.topic, body: 'rescued', txNos: ['1'] });
    const tooManyKeys = Array.from({ length: 500 }, () => randomUUID());
    const call = client.prepareTransaction({ ...request('half'), txNos: tooManyKeys });
    await expect(call).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['rescued']), LONG);
  });

  it('outlives a participant that is away', async () => {
    participant.available = false;
    await relayWith();
    participant.due.push({ topic: topics.topic, body: 'at last', txNos: ['1'] });
    participant.available = true;
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['at last']), LONG);
  });
});

describe('settlement', () => {
  let results: Publisher;

  beforeEach(async () => {
    results = createPublisher({ endpoints: broker.endpoints, topic: topics.resultTopic, logger });
    closers.push(() => results.close());
    await vi.waitFor(() => expect(results.available).toBe(true), LONG);
  });

  const send = (body: string) =>
    results.send({ topic: topics.resultTopic, body: Buffer.from(body), keys: [], properties: {} });
  const envelope = (txResults: object[], participantName = 'order-svc') =>
    JSON.stringify({
      participant: participantName,
      txResults,
      deliveryLagMs: '1234',
      newField: 'of a later version',
    });
  const settledTxNos = () => participant.settled.map(({ txNo }) => txNo).sort();
  const untilAllAcked = () =>
    vi.waitFor(async () => expect((await broker.progress(topics.resultGroup)).lag).toBe(0), LONG);

  it('brings outcomes with reason and lag, in one call for a batch, and acks them', async () => {
    await send(envelope([{ txNo: '1', outcome: 'APPLIED' }]));
    await send(envelope([{ txNo: '2', outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' }]));
    const { relay } = await relayWith();
    await vi.waitFor(() => expect(settledTxNos()).toEqual(['1', '2']), LONG);
    expect(participant.settled.find(({ txNo }) => txNo === '2')).toMatchObject({
      outcome: Outcome.REJECTED,
      reason: 'INSUFFICIENT_STOCK',
    });
    expect(participant.settleRequests[0]?.deliveryLag).toMatchObject({ seconds: 1n, nanos: 234_000_000 });
    expect(relay.counters.snapshot().results_settled).toBe(2);
    await untilAllAcked();
  });

  it('drops what is unreadable, foreign or breaks the contract, and nothing else', async () => {
    await send('no JSON');
    await send('{"txResults":[]}');
    await send(envelope([{ txNo: 'x', outcome: 'APPLIED' }], 'stranger'));
    await send(
      envelope([{ txNo: '1', outcome: 'APPLIED' }, { txNo: 'bad txNo', outcome: 'APPLIED' }, { txNo: '2' }]),
    );
    const { relay } = await relayWith();
    await vi.waitFor(() => expect(settledTxNos()).toEqual(['1']), LONG);
    await vi.waitFor(
      () =>
        expect(relay.counters.snapshot()).toMatchObject({
          result_messages_unreadable: 2,
          result_messages_foreign: 1,
          results_invalid: 2,
          results_settled: 1,
        }),
      LONG,
    );
    await untilAllAcked();
  });

  it('keeps outcomes while the participant is away', async () => {
    const { relay } = await relayWith();
    participant.available = false;
    await send(envelope([{ txNo: '1', outcome: 'APPLIED' }]));
    const waited = vi.waitFor(() => expect(settledTxNos()).toEqual(['1']), LONG);
    await vi.waitFor(async () => expect((await broker.progress(topics.resultGroup)).lag).toBe(1), LONG);
    expect(relay.counters.snapshot().results_settled).toBeUndefined();
    participant.available = true;
    await waited;
    await untilAllAcked();
  });
});

describe('the relay', () => {
  it('serves while the broker is away at its start, and works when it comes', async () => {
    await broker.kill();
    const relay = await startTestRelay(env);
    const client = createGrpcClient(RelayService, relay.address);
    closers.push(
      () => relay.stop(),
      () => client.close(),
    );
    expect(await health(relay, '')).toBe('SERVING');
    expect(await health(relay, 'broker')).toBe('NOT_SERVING');
    await expect(client.prepareTransaction(request('too early'))).rejects.toMatchObject({
      code: Code.UNAVAILABLE,
    });
    await broker.start();
    await vi.waitFor(async () => expect(await health(relay, 'broker')).toBe('SERVING'), LONG);
    const { handle } = await client.prepareTransaction(request('in time'));
    await client.endTransaction({ handle, resolution: COMMIT });
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['in time']), LONG);
  });

  it('brings consumers the watermark, also after they were away', async () => {
    const reports: [string, bigint][] = [];
    const port = await freePort();
    const { relay } = await relayWith({
      TXMSG_RELAY_CONSUMERS: `stock-svc=127.0.0.1:${port}`,
      TXMSG_RELAY_WATERMARK_INTERVAL: '100ms',
    });
    await vi.waitFor(() => expect(participant.claims).toBeGreaterThan(1), LONG);
    const server = await startConsumer((name, seconds) => reports.push([name, seconds]), port);
    closers.push(() => server.close(500));
    await vi.waitFor(() => expect(reports).toContainEqual(['order-svc', 1_700_000_000n]), LONG);
    await relay.stop();
  });

  it('stops within its grace: what was answered stays answered, nothing is left running', async () => {
    const { relay, client } = await relayWith();
    const { handle } = await client.prepareTransaction(request('before the stop'));
    const ending = client.endTransaction({ handle, resolution: COMMIT });
    await ending;
    const startedAt = Date.now();
    await relay.stop();
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    await expect(client.prepareTransaction(request('after'))).rejects.toMatchObject({
      code: Code.UNAVAILABLE,
    });
    await vi.waitFor(() => expect(consumer.bodies()).toEqual(['before the stop']), LONG);
  });
});
