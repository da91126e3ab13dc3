import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { status as Code } from '@grpc/grpc-js';
import { TransactionVerdict } from '@txmsg/contracts/participant';
import { TransactionResolution } from '@txmsg/contracts/relay';
import { createTransactionPublisher } from '@txmsg/rocketmq';
import { freePort } from '@txmsg/stack/testing';
import { describe, expect, it, vi } from 'vitest';
import { decodeHandle, encodeHandle } from './domain/handle.js';
import { logger, startConsumer } from './test-support/fixture.js';
import { health, LONG, useWorld } from './test-support/world.js';

const { COMMIT, ROLLBACK } = TransactionResolution;
const world = useWorld();

describe('half messages', () => {
  it('are delivered after COMMIT, with keys and properties, and never after ROLLBACK', async () => {
    const { client } = await world.relayWith();
    const kept = await client.prepareTransaction({
      ...world.request('kept', 'transaction-1'),
      type: 'TakeStock',
    });
    const dropped = await client.prepareTransaction(world.request('dropped'));
    await client.endTransaction({ handle: dropped.handle, resolution: ROLLBACK });
    await client.endTransaction({ handle: kept.handle, resolution: COMMIT });
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['kept']), LONG);
    const [message] = world.consumer.received;
    expect(message?.keys).toEqual(['transaction-1', 'kept-1', 'kept-2']);
    expect(Object.fromEntries(message?.properties ?? [])).toMatchObject({
      participant: 'order-svc',
      transaction_id: 'transaction-1',
      create_time: '1700000000123',
      kind: 'half',
      type: 'TakeStock',
    });
    expect(await world.broker.queryByKey(world.topics.topic, 'kept-2')).toHaveLength(1);
  });

  it('are ended by a relay that did not prepare them', async () => {
    const { client } = await world.relayWith();
    const { client: other } = await world.relayWith();
    const { handle } = await client.prepareTransaction(world.request('handed over'));
    await other.endTransaction({ handle, resolution: COMMIT });
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['handed over']), LONG);
  });

  it.each([
    ['participant', { participant: 'stranger' }],
    ['topic', { topic: 'elsewhere' }],
  ])('with an unknown %s are refused', async (field, change) => {
    const { client } = await world.relayWith();
    const call = client.prepareTransaction({ ...world.request('refused'), ...change });
    await expect(call).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      details: expect.stringContaining(field),
    });
  });

  it('are not ended by garbage, by the handle of another topic, or when it is too late', async () => {
    const { client } = await world.relayWith();
    const { handle } = await client.prepareTransaction(world.request('ended'));
    const damaged = Buffer.from(handle);
    damaged.writeUInt8(damaged.readUInt8(10) ^ 1, 10);
    const half = {
      topic: 'elsewhere',
      messageId: 'm',
      transactionId: 'm',
      endpoints: world.broker.endpoints,
      preparedTimeMs: 0,
    };
    for (const bad of [damaged, Buffer.from('garbage'), encodeHandle(half)]) {
      const call = client.endTransaction({ handle: bad, resolution: COMMIT });
      await expect(call).rejects.toMatchObject({
        code: Code.INVALID_ARGUMENT,
        details: expect.stringContaining('handle'),
      });
    }
    const late = encodeHandle({ ...half, topic: world.topics.topic });
    const call = client.endTransaction({ handle: late, resolution: COMMIT });
    await expect(call).rejects.toMatchObject({ code: Code.FAILED_PRECONDITION });
  });
});

describe('a forged handle', () => {
  it('makes the relay connect nowhere', async () => {
    const { client } = await world.relayWith();
    let connections = 0;
    const stranger = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    world.closers.push(() => void stranger.close());
    const { handle } = await client.prepareTransaction(world.request('forged'));
    const half = decodeHandle(handle);
    if (!half) throw new Error('no handle');
    const endpoints = `127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    for (const named of [
      endpoints,
      endpoints.replace('127.0.0.1', 'localhost'),
      `${half.endpoints},${endpoints}`,
    ]) {
      const forged = encodeHandle({ ...half, endpoints: named });
      await expect(client.endTransaction({ handle: forged, resolution: COMMIT })).rejects.toMatchObject({
        code: Code.INVALID_ARGUMENT,
        details: expect.stringContaining('handle'),
      });
    }
    await client.endTransaction({ handle, resolution: COMMIT });
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['forged']), LONG);
    expect(connections).toBe(0);
  });
});

describe('check-backs', () => {
  it('are decided by the participant, which is asked again while it does not know', async () => {
    const { client, relay } = await world.relayWith();
    world.participant.verdicts.set('t-commit', [TransactionVerdict.COMMIT]);
    world.participant.verdicts.set('t-rollback', [TransactionVerdict.ROLLBACK]);
    world.participant.verdicts.set('t-later', [TransactionVerdict.UNKNOWN, TransactionVerdict.COMMIT]);
    for (const id of ['t-commit', 't-rollback', 't-later'])
      await client.prepareTransaction(world.request(id, id));
    await vi.waitFor(() => expect(world.consumer.bodies().sort()).toEqual(['t-commit', 't-later']), LONG);
    expect(world.participant.checks.filter(({ transactionId }) => transactionId === 't-later')).toHaveLength(
      2,
    );
    expect(world.participant.checks[0]?.createTime).toMatchObject({
      seconds: 1_700_000_000n,
      nanos: 123_000_000,
    });
    await vi.waitFor(() => expect(relay.counters.snapshot().check_backs_rolled_back).toBe(1), LONG);
  });

  it('go to another replica when one is away', async () => {
    const dead = `127.0.0.1:${await freePort()}`;
    const { client } = await world.relayWith({
      TXMSG_RELAY_PARTICIPANTS: `order-svc=${dead}|${world.participant.address}`,
    });
    world.participant.verdicts.set('t-1', [TransactionVerdict.COMMIT]);
    await client.prepareTransaction(world.request('replica', 't-1'));
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['replica']), LONG);
  });

  it('are decided after a participant that was away has come back', async () => {
    const { client, relay } = await world.relayWith();
    world.participant.available = false;
    world.participant.verdicts.set('t-1', [TransactionVerdict.COMMIT]);
    await client.prepareTransaction(world.request('patience', 't-1'));
    await vi.waitFor(() => expect(relay.counters.snapshot().check_backs_failed).toBeGreaterThan(0), LONG);
    world.participant.available = true;
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['patience']), LONG);
  });

  it('of an unknown participant, or without one, are left alone', async () => {
    const foreign = createTransactionPublisher({
      endpoints: world.broker.endpoints,
      topic: world.topics.topic,
      logger,
      check: async () => undefined,
    });
    await vi.waitFor(() => expect(foreign.available).toBe(true), LONG);
    for (const properties of [{ participant: 'stranger', kind: 'outbox' }, {}] as Record<string, string>[]) {
      await foreign.prepare({
        topic: world.topics.topic,
        body: Buffer.from('foreign'),
        keys: [],
        properties,
      });
    }
    await foreign.close();
    const { relay } = await world.relayWith();
    await vi.waitFor(
      () => expect(relay.counters.snapshot().check_backs_foreign).toBeGreaterThanOrEqual(3),
      LONG,
    );
    expect(world.consumer.bodies()).toEqual([]);
    expect(world.participant.checks).toEqual([]);
  });
});

describe('a group of a thousand', () => {
  it('is one message, with as many of its txNos among the keys as the broker takes', async () => {
    const { client } = await world.relayWith();
    const txNos = Array.from({ length: 1_000 }, () => randomUUID());
    const { handle } = await client.prepareTransaction({ ...world.request('many', 'transaction-2'), txNos });
    await client.endTransaction({ handle, resolution: COMMIT });
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['many']), LONG);
    const keys = world.consumer.received[0]?.keys ?? [];
    expect(keys.length).toBeGreaterThan(400);
    expect(keys).toEqual(['transaction-2', ...txNos].slice(0, keys.length));
  });
});

describe('the outbox', () => {
  it('publishes what is due, once', async () => {
    world.participant.due.push({ topic: world.topics.topic, body: 'first', txNos: ['1', '2'] });
    const { relay } = await world.relayWith();
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['first']), LONG);
    world.participant.due.push({
      topic: world.topics.topic,
      body: 'second',
      txNos: ['3'],
      type: 'ShipOrder',
    });
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['first', 'second']), LONG);
    expect(world.consumer.received[0]?.keys).toEqual(['1', '2']);
    expect(world.consumer.received[0]?.properties.get('kind')).toBe('outbox');
    const types = world.consumer.received.map(({ properties }) => properties.get('type'));
    expect(types).toEqual([undefined, 'ShipOrder']);
    expect(relay.counters.snapshot()).toMatchObject({ outbox_messages: 2, outbox_transactions: 3 });
    expect(world.participant.released).toEqual([]);
  });

  it('commits at the check-back what it could not end', async () => {
    const { relay } = await world.relayWith();
    await relay.stop();
    const crashed = createTransactionPublisher({
      endpoints: world.broker.endpoints,
      topic: world.topics.topic,
      logger,
      check: async () => undefined,
    });
    await vi.waitFor(() => expect(crashed.available).toBe(true), LONG);
    const properties = { participant: 'order-svc', kind: 'outbox' };
    await crashed.prepare({
      topic: world.topics.topic,
      body: Buffer.from('not ended'),
      keys: [],
      properties,
    });
    await crashed.close();
    await world.relayWith();
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['not ended']), LONG);
    expect(world.participant.checks).toEqual([]);
  });

  it('gives back what it could not publish, and publishes it when the broker is back', async () => {
    const { relay } = await world.relayWith();
    world.participant.beforeClaimReturns = async () => {
      world.participant.beforeClaimReturns = async () => undefined;
      await world.broker.kill();
    };
    world.participant.due.push({ topic: world.topics.topic, body: 'given back', txNos: ['1', '2'] });
    await vi.waitFor(() => expect(world.participant.released).toEqual(['1', '2']), LONG);
    await vi.waitFor(async () => expect(await health(relay, 'broker')).toBe('NOT_SERVING'), LONG);
    expect(await health(relay, '')).toBe('SERVING');
    await world.broker.start();
    await vi.waitFor(() => expect(world.consumer.bodies()).toContain('given back'), LONG);
  });

  it('is woken when a Prepare failed', async () => {
    const idle = { TXMSG_RELAY_OUTBOX_IDLE_POLL: '1m', TXMSG_RELAY_OUTBOX_POLL: '1m' };
    const { relay, client } = await world.relayWith(idle);
    await vi.waitFor(() => expect(world.participant.claims).toBe(1), LONG);
    world.participant.due.push({ topic: world.topics.topic, body: 'rescued', txNos: ['1'] });
    world.broker.pause();
    await expect(client.prepareTransaction(world.request('half'), { timeoutMs: 500 })).rejects.toThrow();
    // The relay's own deadline passes a little later than the caller's; the broker must not answer in between.
    await vi.waitFor(() => expect(relay.counters.snapshot().half_messages_failed).toBe(1), LONG);
    world.broker.resume();
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['rescued']), LONG);
  });

  it('outlives a participant that is away', async () => {
    world.participant.available = false;
    await world.relayWith();
    world.participant.due.push({ topic: world.topics.topic, body: 'at last', txNos: ['1'] });
    world.participant.available = true;
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['at last']), LONG);
  });
});

describe('the relay', () => {
  it('serves while the broker is away at its start, and works when it comes', async () => {
    await world.broker.kill();
    const { relay, client } = await world.startRelay();
    expect(await health(relay, '')).toBe('SERVING');
    expect(await health(relay, 'broker')).toBe('NOT_SERVING');
    await expect(client.prepareTransaction(world.request('too early'))).rejects.toMatchObject({
      code: Code.UNAVAILABLE,
    });
    await world.broker.start();
    await vi.waitFor(async () => expect(await health(relay, 'broker')).toBe('SERVING'), LONG);
    const { handle } = await client.prepareTransaction(world.request('in time'));
    await client.endTransaction({ handle, resolution: COMMIT });
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['in time']), LONG);
  });

  it('brings consumers the watermark, also after they were away', async () => {
    const reports: [string, bigint][] = [];
    const port = await freePort();
    const { relay } = await world.relayWith({
      TXMSG_RELAY_CONSUMERS: `stock-svc=127.0.0.1:${port}`,
      TXMSG_RELAY_WATERMARK_INTERVAL: '100ms',
    });
    await vi.waitFor(() => expect(world.participant.claims).toBeGreaterThan(1), LONG);
    const server = await startConsumer((name, seconds) => reports.push([name, seconds]), port);
    world.closers.push(() => server.close(500));
    await vi.waitFor(() => expect(reports).toContainEqual(['order-svc', 1_700_000_000n]), LONG);
    await relay.stop();
  });

  it('stops within its grace: what was answered stays answered, nothing is left running', async () => {
    const { relay, client } = await world.relayWith();
    const { handle } = await client.prepareTransaction(world.request('before the stop'));
    const ending = client.endTransaction({ handle, resolution: COMMIT });
    await ending;
    const startedAt = Date.now();
    await relay.stop();
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    await expect(client.prepareTransaction(world.request('after'))).rejects.toMatchObject({
      code: Code.UNAVAILABLE,
    });
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['before the stop']), LONG);
  });
});
