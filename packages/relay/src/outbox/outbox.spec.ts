import type { ClaimUnsettledResponse, MessageGroup } from '@txmsg/contracts/participant';
import {
  BrokerError,
  type BrokerErrorCode,
  type OutgoingMessage,
  type TransactionPublisher,
} from '@txmsg/rocketmq';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import type { ParticipantPool } from '../clients.js';
import { createCounters } from '../counters.js';
import { createOutbox, type Outbox } from './outbox.js';

const stop: AbortController[] = [];
afterEach(() => stop.splice(0).forEach((controller) => void controller.abort()));

function group(name: string): MessageGroup {
  return { topic: 'tx', body: Buffer.from(name), txNos: [name], type: '' } as unknown as MessageGroup;
}

/** A broker and a participant without wires. */
function setUp(claims: { groups: string[]; more?: boolean }[]) {
  const publisher = {
    available: true,
    prepare: vi.fn(async (_message: OutgoingMessage) => ({})),
    end: vi.fn(async () => undefined),
  };
  const client = {
    claimUnsettled: vi.fn(async () => {
      const { groups = [], more = false } = claims.shift() ?? {};
      return { groups: groups.map(group), more } as unknown as ClaimUnsettledResponse;
    }),
    releaseUnsettled: vi.fn(async (_request: { txNos: string[] }) => ({})),
  };
  const counters = createCounters();
  const outbox = createOutbox({
    participant: 'p',
    publishers: new Map([['tx', publisher as unknown as TransactionPublisher]]),
    pool: {
      call: (use: (c: typeof client) => Promise<unknown>) => use(client),
    } as unknown as ParticipantPool,
    concurrency: 1,
    batch: 100,
    timeoutMs: 1_000,
    pace: { minMs: 60_000, maxMs: 60_000 },
    onOldestUnsettled: () => undefined,
    counters,
    logger: pino({ level: 'silent' }),
  });
  return { publisher, client, counters, outbox };
}

function run(outbox: Outbox): { controller: AbortController; ended: Promise<void> } {
  const controller = new AbortController();
  stop.push(controller);
  return { controller, ended: outbox.run(controller.signal) };
}

it('claims again at once while there is more, then waits to be woken', async () => {
  const { client, publisher, outbox } = setUp([
    { groups: ['a'], more: true },
    { groups: ['b'] },
    { groups: ['c'] },
  ]);
  run(outbox);
  await vi.waitFor(() => expect(publisher.end).toHaveBeenCalledTimes(2));
  expect(client.claimUnsettled).toHaveBeenCalledTimes(2);
  outbox.wake();
  await vi.waitFor(() => expect(publisher.end).toHaveBeenCalledTimes(3));
  expect(client.releaseUnsettled).not.toHaveBeenCalled();
});

it('claims nothing while nothing can be published', async () => {
  const { client, publisher, outbox } = setUp([{ groups: ['a'] }]);
  publisher.available = false;
  const { controller, ended } = run(outbox);
  outbox.wake();
  await new Promise(setImmediate);
  outbox.wake();
  await new Promise(setImmediate);
  controller.abort();
  await ended;
  expect(client.claimUnsettled).not.toHaveBeenCalled();
});

it.each<[BrokerErrorCode, boolean]>([
  ['UNAVAILABLE', true],
  ['TIMEOUT', false],
  ['UNKNOWN_OUTCOME', false],
  ['OVERLOADED', true],
  ['CLOSED', true],
  ['TOO_LARGE', false],
  ['INVALID', false],
])('a publish that fails with %s gives its claim back: %s', async (code, released) => {
  const { client, publisher, outbox } = setUp([{ groups: ['a', 'b'] }]);
  publisher.prepare.mockImplementation(async ({ body }) => {
    if (body.toString() === 'a') throw new BrokerError(code, 'no');
    return {};
  });
  const { controller, ended } = run(outbox);
  await vi.waitFor(() => expect(publisher.end).toHaveBeenCalledOnce());
  controller.abort();
  await ended;
  expect(client.releaseUnsettled.mock.calls.map(([request]) => request.txNos)).toEqual(
    released ? [['a']] : [],
  );
});

it('what was prepared and not ended is not given back: its check-back commits it', async () => {
  const { client, publisher, outbox, counters } = setUp([{ groups: ['a'] }]);
  publisher.end.mockRejectedValue(new BrokerError('UNAVAILABLE', 'gone'));
  const { controller, ended } = run(outbox);
  await vi.waitFor(() => expect(counters.snapshot().ends_failed).toBe(1));
  controller.abort();
  await ended;
  expect(client.releaseUnsettled).not.toHaveBeenCalled();
});

it('a stop in the middle finishes what has begun and gives back the rest', async () => {
  const { client, publisher, outbox } = setUp([{ groups: ['a', 'b', 'c'] }]);
  const { controller, ended } = run(outbox);
  publisher.prepare.mockImplementation(async () => {
    controller.abort();
    return {};
  });
  await ended;
  expect(publisher.prepare).toHaveBeenCalledOnce();
  expect(publisher.end).toHaveBeenCalledOnce();
  expect(client.releaseUnsettled.mock.calls.map(([request]) => request.txNos)).toEqual([['b', 'c']]);
});

it('goes on after a participant that fails', async () => {
  const { client, publisher, outbox } = setUp([{ groups: ['a'] }]);
  client.claimUnsettled.mockRejectedValueOnce(new Error('away'));
  run(outbox);
  await vi.waitFor(() => expect(client.claimUnsettled).toHaveBeenCalledOnce());
  outbox.wake();
  await vi.waitFor(() => expect(publisher.end).toHaveBeenCalledOnce());
});
