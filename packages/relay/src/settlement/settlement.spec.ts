import { Outcome } from '@txmsg/contracts/message';
import { createPublisher, type Publisher } from '@txmsg/rocketmq';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { logger, type TestRelay } from '../spec-fixture.js';
import { LONG, useWorld } from '../spec-world.js';

const world = useWorld();

describe('settlement', () => {
  let results: Publisher;

  beforeEach(async () => {
    results = createPublisher({ endpoints: world.broker.endpoints, topic: world.topics.resultTopic, logger });
    world.closers.push(() => results.close());
    await vi.waitFor(() => expect(results.available).toBe(true), LONG);
  });

  const send = (body: string) =>
    results.send({ topic: world.topics.resultTopic, body: Buffer.from(body), keys: [], properties: {} });
  const envelope = (txResults: object[], participantName = 'order-svc') =>
    JSON.stringify({
      participant: participantName,
      txResults,
      deliveryLagMs: '1234',
      newField: 'of a later version',
    });
  const settledTxNos = () => world.participant.settled.map(({ txNo }) => txNo).sort();
  const untilAcked = (relay: TestRelay, count: number) =>
    vi.waitFor(() => expect(relay.counters.snapshot().result_messages_acked).toBe(count), LONG);

  it('brings outcomes with reason and lag, and acks them', async () => {
    await send(envelope([{ txNo: '1', outcome: 'APPLIED' }]));
    await send(envelope([{ txNo: '2', outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' }]));
    const { relay } = await world.relayWith();
    await vi.waitFor(() => expect(settledTxNos()).toEqual(['1', '2']), LONG);
    expect(world.participant.settled.find(({ txNo }) => txNo === '2')).toMatchObject({
      outcome: Outcome.REJECTED,
      reason: 'INSUFFICIENT_STOCK',
    });
    expect(world.participant.settleRequests[0]?.deliveryLag).toMatchObject({
      seconds: 1n,
      nanos: 234_000_000,
    });
    await untilAcked(relay, 2);
    expect(relay.counters.snapshot().results_settled).toBe(2);
  });

  it('drops what is unreadable, foreign or breaks the contract, and nothing else', async () => {
    await send('no JSON');
    await send('{"txResults":[]}');
    await send(envelope([{ txNo: 'x', outcome: 'APPLIED' }], 'stranger'));
    await send(
      envelope([{ txNo: '1', outcome: 'APPLIED' }, { txNo: 'bad txNo', outcome: 'APPLIED' }, { txNo: '2' }]),
    );
    const { relay } = await world.relayWith();
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
    await untilAcked(relay, 4);
  });

  it('keeps outcomes while the participant is away', async () => {
    const { relay } = await world.relayWith();
    world.participant.available = false;
    await send(envelope([{ txNo: '1', outcome: 'APPLIED' }]));
    await vi.waitFor(() => expect(world.participant.refused).toBeGreaterThan(0), LONG);
    expect(relay.counters.snapshot().result_messages_acked).toBeUndefined();
    world.participant.available = true;
    await vi.waitFor(() => expect(settledTxNos()).toEqual(['1']), LONG);
    await untilAcked(relay, 1);
  });
});
