import { TransactionParticipant } from '@txmsg/contracts';
import { Outcome, type TxResult } from '@txmsg/contracts/message';
import { type Logger, TxmsgError } from '@txmsg/core';
import { createClientPool } from '@txmsg/grpc';
import type { ReceivedMessage, Subscriber } from '@txmsg/rocketmq';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ParticipantPool } from '../clients.js';
import { createCounters } from '../counters.js';
import { groupResults } from '../domain/group-results.js';
import { startParticipant, type TestParticipant } from '../test-support/fixture.js';
import { createLane } from './lane.js';

const CODES = ['INVALID_ARGUMENT', 'OUT_OF_RANGE', 'RESOURCE_EXHAUSTED'] as const;

describe('a lane', () => {
  let participant: TestParticipant;
  let pool: ParticipantPool;
  let calls = 0;
  let warned: object[] = [];

  beforeEach(async () => {
    participant = await startParticipant();
    pool = createClientPool(TransactionParticipant, [participant.address]);
    calls = 0;
    warned = [];
  });

  afterEach(async () => {
    pool.close();
    await participant.close();
  });

  const resultsOf = (count: number, reason = ''): TxResult[] =>
    Array.from({ length: count }, (_, index) => ({
      $typeName: 'txmsg.message.v1.TxResult',
      txNo: `${index}`.padStart(64, '0'),
      outcome: Outcome.REJECTED,
      reason,
    }));
  const failWhen = (fails: (results: readonly TxResult[]) => boolean, error: () => Error) => {
    participant.onSettle = async ({ results }) => {
      calls += 1;
      if (fails(results)) throw error();
      return { settled: results.length };
    };
  };

  /** Brings outcomes, a message for each hundred, and tells how many messages were acked. */
  async function take(results: readonly TxResult[]): Promise<number> {
    let acked = 0;
    const counters = createCounters();
    const note = (fields: object) => void warned.push(fields);
    const lane = createLane({
      participant: 'order',
      pool,
      counters,
      maxInHand: 1,
      signal: new AbortController().signal,
      subscriber: {
        ack: async (messages: readonly ReceivedMessage[]) => {
          acked += messages.length;
          return { failed: [] };
        },
      } as unknown as Subscriber,
      logger: { info: note, warn: note, debug: note } as unknown as Logger,
    });
    const batches = Array.from({ length: Math.ceil(results.length / 100) }, (_, at) => ({
      message: {} as ReceivedMessage,
      participant: 'order',
      results: results.slice(at * 100, at * 100 + 100),
      deliveryLagMs: undefined,
      consumer: 'stock-svc',
      type: 'TakeStock',
    }));
    for (const group of groupResults(batches)) await lane.take(group, 0);
    return acked;
  }

  it('brings more text than a port takes at once', async () => {
    expect(await take(resultsOf(5_000, '€'.repeat(255)))).toBe(50);
    expect(participant.settled).toHaveLength(5_000);
  });

  it.each(CODES)('brings in smaller parts what is refused with %s', async (code) => {
    failWhen(
      ({ length }) => length > 300,
      () => new TxmsgError(code, 'no'),
    );
    expect(await take(resultsOf(1_000))).toBe(10);
  });

  it('leaves all to a participant that says when to come back, after one call', async () => {
    failWhen(
      () => true,
      () => new TxmsgError('RESOURCE_EXHAUSTED', 'busy', { retryDelayMs: 1_000 }),
    );
    expect(await take(resultsOf(1_000))).toBe(0);
    expect(calls).toBe(1);
  });

  it('soon gives up on a participant that fails at everything, and blames no lock', async () => {
    failWhen(
      () => true,
      () => new Error('broken'),
    );
    expect(await take(resultsOf(1_000))).toBe(0);
    expect(calls).toBe(7);
    expect(warned).toEqual([expect.objectContaining({ untried: 1_000 })]);
  });

  it('brings the neighbours of outcomes that a participant fails at', async () => {
    const poison = new Set(resultsOf(1_000).flatMap(({ txNo }, index) => (index % 500 === 3 ? [txNo] : [])));
    failWhen(
      (results) => results.some(({ txNo }) => poison.has(txNo)),
      () => new Error('a fault'),
    );
    expect(await take(resultsOf(1_000))).toBe(8);
    expect(participant.settled).toHaveLength(998);
  });
});
