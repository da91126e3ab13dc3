import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status as Code } from '@grpc/grpc-js';
import { RelayAdminService } from '@txmsg/contracts';
import { TransactionVerdict } from '@txmsg/contracts/participant';
import { TransactionResolution } from '@txmsg/contracts/relay';
import { createGrpcClient } from '@txmsg/grpc';
import { createPublisher } from '@txmsg/rocketmq';
import { freePort } from '@txmsg/stack/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  logger,
  startConsumer,
  startParticipant,
  startTopicConsumer,
  type TestParticipant,
} from './test-support/fixture.js';
import { LONG, useWorld } from './test-support/world.js';

const world = useWorld();

describe('joining and leaving without a restart', () => {
  let folder = '';
  let late: TestParticipant;
  let lateTopic = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'relay-'));
    late = await startParticipant();
    world.closers.push(() => late.close());
    const id = randomUUID();
    lateTopic = `tx_${id}`;
    await world.broker.createTopic(lateTopic, 'TRANSACTION');
    await world.broker.createGroup(`consumer_${id}`);
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** Lists services besides order-svc and its topic; the file changes at once. */
  async function list(participants: object = {}, consumers: object = {}, topics: string[] = []) {
    const services = {
      participants: { 'order-svc': [world.participant.address], ...participants },
      consumers,
      topics: [world.topics.topic, ...topics],
    };
    await writeFile(join(folder, 'next'), JSON.stringify(services));
    await rename(join(folder, 'next'), join(folder, 'services.json'));
  }

  async function startRelay() {
    await list();
    const started = await world.relayWith({
      TXMSG_RELAY_SERVICES_FILE: join(folder, 'services.json'),
      // Nobody of these is served.
      TXMSG_RELAY_PARTICIPANTS: 'nobody=127.0.0.1:1',
      TXMSG_RELAY_WATERMARK_INTERVAL: '50ms',
    });
    const admin = createGrpcClient(RelayAdminService, started.relay.address);
    world.closers.push(() => admin.close());
    const names = async () => {
      const { participants, consumers, topics } = await admin.getStatus({});
      return [...participants, ...consumers, ...topics];
    };
    return { ...started, names };
  }

  const lateRequest = (body: string, id?: string) => ({
    ...world.request(body, id),
    participant: 'late',
    topic: lateTopic,
  });

  it('serves a participant, a consumer and a topic from the moment they are listed', async () => {
    const { client, names } = await startRelay();
    await expect(client.prepareTransaction(lateRequest('too early'))).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
    });
    const received = startTopicConsumer(world.broker, lateTopic);
    world.closers.push(() => received.stop());
    const reported: string[] = [];
    const port = await freePort();
    const depot = await startConsumer((participant) => reported.push(participant), port);
    world.closers.push(() => depot.close(0));
    late.due.push({ topic: lateTopic, body: 'due', txNos: ['due-1'] });
    late.verdicts.set('t-checked', [TransactionVerdict.COMMIT]);

    await list({ late: [late.address] }, { depot: [`127.0.0.1:${port}`] }, [lateTopic]);
    await vi.waitFor(
      async () =>
        expect(await names()).toEqual(['order-svc', 'late', 'depot', world.topics.topic, lateTopic]),
      LONG,
    );
    // Its outbox, half messages, check-backs, outcomes and watermarks.
    await vi.waitFor(() => expect(received.bodies()).toEqual(['due']), LONG);
    const { handle } = await client.prepareTransaction(lateRequest('half'));
    await client.endTransaction({ handle, resolution: TransactionResolution.COMMIT });
    await client.prepareTransaction(lateRequest('checked', 't-checked'));
    const results = createPublisher({
      endpoints: world.broker.endpoints,
      topic: world.topics.resultTopic,
      logger,
    });
    world.closers.push(() => results.close());
    await vi.waitFor(() => expect(results.available).toBe(true), LONG);
    const outcome = { participant: 'late', txResults: [{ txNo: 'due-1', outcome: 'APPLIED' }] };
    const body = Buffer.from(JSON.stringify(outcome));
    await results.send({ topic: world.topics.resultTopic, body, keys: [], properties: {} });
    await vi.waitFor(() => expect(late.settled.map(({ txNo }) => txNo)).toEqual(['due-1']), LONG);
    await vi.waitFor(() => expect(received.bodies().sort()).toEqual(['checked', 'due', 'half']), LONG);
    await vi.waitFor(() => expect(new Set(reported)).toEqual(new Set(['order-svc', 'late'])), LONG);
  });

  it('leaves who is not listed any more, finishes what it has in hand, and serves the others', async () => {
    const { client, names } = await startRelay();
    await list({ late: [late.address] }, {}, [lateTopic]);
    await vi.waitFor(() => expect(late.claims).toBeGreaterThan(1), LONG);
    const received = startTopicConsumer(world.broker, world.topics.topic);
    world.closers.push(() => received.stop());
    const claim = Promise.withResolvers<void>();
    let inHand = false;
    late.beforeClaimReturns = () => {
      inHand = true;
      return claim.promise;
    };
    late.due.push({ topic: world.topics.topic, body: 'in hand', txNos: ['1'] });
    await vi.waitFor(() => expect(inHand).toBe(true), LONG);
    await list();
    await vi.waitFor(async () => expect(await names()).toEqual(['order-svc', world.topics.topic]), LONG);
    claim.resolve();
    // What was claimed when it had to stop is given back.
    await vi.waitFor(() => expect(late.released).toEqual(['1']), LONG);
    const claims = late.claims;
    const others = world.participant.claims;
    for (const request of [lateRequest('gone'), { ...world.request('no topic'), topic: lateTopic }])
      await expect(client.prepareTransaction(request)).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
    await vi.waitFor(() => expect(world.participant.claims).toBeGreaterThan(others + 2), LONG);
    expect(late.claims).toBe(claims);
  });

  it('goes on with the list before while the new one is wrong, and moves on to another address', async () => {
    const { client, relay } = await startRelay();
    await writeFile(join(folder, 'services.json'), '{"participants":');
    await vi.waitFor(() => expect(world.participant.claims).toBeGreaterThan(1), LONG);
    const { handle } = await client.prepareTransaction(world.request('as before'));
    await client.endTransaction({ handle, resolution: TransactionResolution.COMMIT });
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['as before']), LONG);
    late.due.push({ topic: world.topics.topic, body: 'moved', txNos: ['1'] });
    await list({ 'order-svc': [late.address] });
    await vi.waitFor(() => expect(world.consumer.bodies()).toEqual(['as before', 'moved']), LONG);
    expect(relay.counters.snapshot().outbox_messages).toBe(1);
  });
});
