import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { status as Code } from '@grpc/grpc-js';
import { Outcome } from '@txmsg/contracts/message';
import { TxmsgError } from '@txmsg/core';
import { createPublisher, type Publisher } from '@txmsg/rocketmq';
import { freePort } from '@txmsg/stack/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { logger, type TestRelay } from '../test-support/fixture.js';
import { LONG, useWorld } from '../test-support/world.js';

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

  it('tells the consumer and the type, and nothing where a consumer of before tells none', async () => {
    const named = (txNo: string, names: object) =>
      JSON.stringify({
        participant: 'order-svc',
        txResults: [{ txNo, outcome: 'APPLIED' }],
        ...names,
      });
    await send(named('1', { consumer: 'stock-svc', type: 'TakeStock' }));
    await send(named('2', { consumer: 'depot', type: 'ShipOrder' }));
    await send(named('3', {}));
    await world.relayWith();
    await vi.waitFor(() => expect(settledTxNos()).toEqual(['1', '2', '3']), LONG);
    const told = world.participant.settleRequests.map(({ consumer, type, results }) => [
      ...results.map(({ txNo }) => txNo),
      consumer,
      type,
    ]);
    expect(told.sort()).toEqual([
      ['1', 'stock-svc', 'TakeStock'],
      ['2', 'depot', 'ShipOrder'],
      ['3', '', ''],
    ]);
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

  it('settles the valid outcomes of a message with a thousand invalid ones, acks it, and goes on', async () => {
    const valid = Array.from({ length: 5 }, (_, index) => ({ txNo: `valid-${index}`, outcome: 'APPLIED' }));
    const invalid = Array.from({ length: 1_000 }, (_, index) => ({
      txNo: `not valid ${index}`,
      outcome: 'SUCCESS',
    }));
    await send(envelope([...invalid.slice(0, 500), ...valid, ...invalid.slice(500)]));
    await send(
      envelope([
        { txNo: 'foreign', outcome: 'SUCCESS' },
        { txNo: 7, outcome: 'APPLIED' },
      ]),
    );
    await send(envelope([{ txNo: 'next', outcome: 'APPLIED' }]));
    const { relay } = await world.relayWith();
    const expected = ['next', ...valid.map(({ txNo }) => txNo)];
    await vi.waitFor(() => expect(settledTxNos()).toEqual(expected), LONG);
    await untilAcked(relay, 3);
    expect(relay.counters.snapshot()).toMatchObject({ results_invalid: 1_002, results_settled: 6 });
  });

  it.each([Code.INVALID_ARGUMENT, Code.INTERNAL])(
    'an outcome that the participant refuses with %s holds up no other',
    async (code) => {
      const refusal =
        code === Code.INTERNAL ? new Error('a fault') : new TxmsgError('INVALID_ARGUMENT', 'no');
      world.participant.onSettle = async ({ results }) => {
        if (results.some(({ txNo }) => txNo === 'poison')) throw refusal;
        return { settled: results.length };
      };
      await send(
        envelope([
          { txNo: 'a', outcome: 'APPLIED' },
          { txNo: 'poison', outcome: 'APPLIED' },
          { txNo: 'b', outcome: 'APPLIED' },
        ]),
      );
      await send(envelope([{ txNo: 'c', outcome: 'APPLIED' }]));
      const { relay } = await world.relayWith();
      await vi.waitFor(() => expect(new Set(settledTxNos())).toEqual(new Set(['a', 'b', 'c'])), LONG);
      // What is wrong by itself is dropped with its message acked; what fails for another reason comes again.
      await untilAcked(relay, code === Code.INTERNAL ? 1 : 2);
    },
  );

  it('acks what is settled only: a message with a locked transaction comes again', async () => {
    let locked = ['locked'];
    world.participant.onSettle = async ({ results }) => {
      const unsettledTxNos = results.map(({ txNo }) => txNo).filter((txNo) => locked.includes(txNo));
      return { settled: results.length - unsettledTxNos.length, unsettledTxNos };
    };
    await send(
      envelope([
        { txNo: 'locked', outcome: 'APPLIED' },
        { txNo: 'beside', outcome: 'APPLIED' },
      ]),
    );
    await send(envelope([{ txNo: 'other', outcome: 'APPLIED' }]));
    const { relay } = await world.relayWith({ TXMSG_RELAY_INVISIBLE_TIME: '10s' });
    await vi.waitFor(() => expect(settledTxNos()).toEqual(['beside', 'other']), LONG);
    await untilAcked(relay, 1);
    expect(relay.counters.snapshot()).toMatchObject({ results_unsettled: 1, result_messages_left: 1 });
    locked = [];
    await vi.waitFor(() => expect(settledTxNos()).toContain('locked'), LONG);
    await untilAcked(relay, 2);
  });

  describe('beside a participant that does not work', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, index) => `${index}`.padStart(3, '0'));

    /** A server that takes connections and never says a word. */
    async function startFrozen(): Promise<string> {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      world.closers.push(() => {
        server.close();
        for (const socket of sockets) socket.destroy();
      });
      return `127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    it.each(['dead', 'frozen'])('(%s) the outcomes of another settle as ever', async (kind) => {
      const address = kind === 'dead' ? `127.0.0.1:${await freePort()}` : await startFrozen();
      for (const txNo of ids(40)) {
        await send(envelope([{ txNo: `lost-${txNo}`, outcome: 'APPLIED' }], 'broken'));
        await send(envelope([{ txNo, outcome: 'APPLIED' }]));
      }
      const participants = `order-svc=${world.participant.address},broken=${address}`;
      const { relay } = await world.relayWith({ TXMSG_RELAY_PARTICIPANTS: participants });
      // Well within the time for which a received message is hidden: each came once.
      await vi.waitFor(() => expect(settledTxNos()).toEqual(ids(40)), { timeout: 20_000, interval: 50 });
      for (const txNo of ids(10)) await send(envelope([{ txNo: `later-${txNo}`, outcome: 'APPLIED' }]));
      await vi.waitFor(() => expect(settledTxNos()).toHaveLength(50), { timeout: 20_000, interval: 50 });
      await untilAcked(relay, 50);
    });

    it('what was left comes again when the participant has come back', async () => {
      world.participant.available = false;
      for (const txNo of ids(70)) await send(envelope([{ txNo, outcome: 'APPLIED' }]));
      const { relay } = await world.relayWith({ TXMSG_RELAY_INVISIBLE_TIME: '10s' });
      await vi.waitFor(() => expect(relay.counters.snapshot().result_messages_left).toBeGreaterThan(0), LONG);
      world.participant.available = true;
      await vi.waitFor(() => expect(new Set(settledTxNos())).toEqual(new Set(ids(70))), LONG);
    });
  });
});
