import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PARTICIPANT_PROPERTY } from '@txmsg/contracts/message-properties';
import type { Logger } from '@txmsg/core';
import {
  createSubscriber,
  createTransactionPublisher,
  type Subscriber,
  type TransactionPublisher,
} from '@txmsg/rocketmq';
import { startTestBroker, type TestBroker } from '@txmsg/stack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { APPLIED } from './domain/transaction.js';
import { createInbox, type Inbox, type RunningInbox } from './inbox.js';
import { parcelStatements, SendLetter, ShipParcel, shipParcel, typed } from './test-support/parcels.js';
import { createStockDatabase, type StockDatabase } from './test-support/shelf-database.js';

const TOPICS = { message: 'topic_parcels', result: 'topic_parcel_results', group: 'parcel-svc' };
const PROGRAM = fileURLToPath(new URL('./test-support/parcel-service.mjs', import.meta.url));
const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const WAIT = { timeout: 120_000 };

interface Result {
  readonly participant: string;
  readonly consumer: string;
  readonly type: string;
  readonly outcome: string;
}

let broker: TestBroker;
let parcels: StockDatabase;
let publisher: TransactionPublisher;
let results: Subscriber;
const collected = new Map<string, Result[]>();
const closing = new AbortController();
let collecting: Promise<void>;
const running: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [broker, parcels] = await Promise.all([
    startTestBroker(),
    createStockDatabase(undefined, undefined, parcelStatements),
  ]);
  await broker.createTopic(TOPICS.message, 'TRANSACTION');
  await broker.createTopic(TOPICS.result, 'NORMAL');
  for (const group of [TOPICS.group, 'results']) await broker.createGroup(group, { retryMaxTimes: 1_000 });
  const client = { endpoints: broker.endpoints, logger: quiet };
  publisher = createTransactionPublisher({ ...client, topic: TOPICS.message, check: async () => 'COMMIT' });
  results = createSubscriber({ ...client, topic: TOPICS.result, group: 'results' });
  collecting = collect();
});
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});
afterAll(async () => {
  closing.abort();
  await collecting;
  await Promise.all([publisher.close(), results.close(), parcels.close()]);
  await broker.stop();
});

async function collect(): Promise<void> {
  const options = { maxMessages: 32, invisibleMs: 10_000, waitMs: 5_000, signal: closing.signal };
  while (!closing.signal.aborted) {
    const messages = await results.receive(options).catch(() => []);
    for (const { body } of messages) {
      const { txResults, ...rest } = JSON.parse(body.toString());
      for (const { txNo, outcome } of txResults)
        collected.set(txNo, [...(collected.get(txNo) ?? []), { ...rest, outcome }]);
    }
    if (messages.length > 0) await results.ack(messages);
  }
}

/** Publishes entries in one transactional message. */
async function send(...txMessages: readonly object[]): Promise<void> {
  const body = Buffer.from(JSON.stringify({ txMessages }));
  const properties = { [PARTICIPANT_PROPERTY]: 'shop' };
  const message = { topic: TOPICS.message, body, keys: [], properties };
  await expect
    .poll(async () => {
      const prepared = await publisher.prepare(message).catch(() => undefined);
      return prepared !== undefined && publisher.end(prepared, 'COMMIT').then(() => true);
    }, WAIT)
    .toBe(true);
}

/** Starts an inbox in this process; it stops at the end of the test. */
async function start(register: (inbox: Inbox) => void): Promise<RunningInbox> {
  const inbox = createInbox({
    database: parcels.connect({ lockWaitSeconds: 1 }),
    consumer: 'parcel-svc',
    endpoints: broker.endpoints,
    resultTopic: TOPICS.result,
    consumerGroup: TOPICS.group,
    logger: quiet,
    limits: { invisibleMs: 10_000, drainDeadLetters: false },
  });
  register(inbox);
  const stopping = new AbortController();
  const closers: (() => Promise<void> | void)[] = [];
  const started = inbox.start(
    { signal: stopping.signal, onStop: (_, close) => void closers.push(close) },
    () => undefined,
  );
  running.push(async () => {
    stopping.abort();
    for (const close of closers.reverse()) await close();
  });
  await started.resume();
  return started;
}

async function reported(...txNos: readonly string[]): Promise<void> {
  await expect.poll(() => txNos.filter((txNo) => !collected.has(txNo)), WAIT).toEqual([]);
}

async function posted(prefix: string): Promise<string[]> {
  const rows = await parcels.select<{ tx_no: string }>(
    `SELECT tx_no FROM parcel WHERE tx_no LIKE '${prefix}%' ORDER BY tx_no`,
  );
  return rows.map(({ tx_no }) => tx_no);
}

describe('an inbox with a real broker and database', () => {
  it('handles two types of one topic, one by one and in groups, and an unknown one is a dead letter', async () => {
    const groups: string[][] = [];
    const { counters } = await start((inbox) => {
      inbox.each(ShipParcel, {}, shipParcel);
      inbox.group(SendLetter, {
        async apply(_, fresh) {
          groups.push(fresh.map(({ txNo }) => txNo));
          return fresh.map(() => APPLIED);
        },
      });
    });
    const known = ['parcel-1', 'parcel-2'].map((txNo) => typed('ShipParcel', txNo, 'Rome'));
    const letters = ['letter-1', 'letter-2'].map((txNo) => typed('SendLetter', txNo, 'Rome'));
    await send(...known, typed('SendFax', 'fax-1', 'Rome'), ...letters);
    await reported('parcel-1', 'parcel-2', 'letter-1', 'letter-2');
    const common = { participant: 'shop', consumer: 'parcel-svc', outcome: 'APPLIED' };
    expect(collected.get('parcel-1')).toMatchObject([{ ...common, type: 'ShipParcel' }]);
    expect(collected.get('letter-1')).toMatchObject([{ ...common, type: 'SendLetter' }]);
    expect(await posted('parcel-')).toEqual(['parcel-1', 'parcel-2']);
    expect(groups).toEqual([['letter-1', 'letter-2']]);
    await expect
      .poll(() => parcels.select('SELECT reason, attempts FROM txmsg_dead_letter'), WAIT)
      .toEqual([{ reason: 'UNKNOWN_TYPE', attempts: 1 }]);
    expect(counters).toMatchObject({ messages: 1, applied: 4, unacked: 0 });
  });

  it('takes messages that come three times once, and tells the same outcome each time', async () => {
    const { counters } = await start((inbox) => inbox.each(ShipParcel, {}, shipParcel));
    const entries = [typed('ShipParcel', 'thrice-1', 'Rome'), typed('ShipParcel', 'thrice-2', '')];
    for (let copy = 1; copy <= 3; copy += 1) await send(...entries);
    await expect.poll(() => counters.applied + counters.rejected + counters.duplicates, WAIT).toBe(6);
    await expect.poll(() => collected.get('thrice-2')?.length, WAIT).toBe(3);
    expect(await posted('thrice-')).toEqual(['thrice-1']);
    expect(new Set(collected.get('thrice-1')?.map(({ outcome }) => outcome))).toEqual(new Set(['APPLIED']));
    expect(new Set(collected.get('thrice-2')?.map(({ outcome }) => outcome))).toEqual(new Set(['REJECTED']));
    expect(counters).toMatchObject({ applied: 1, rejected: 1, duplicates: 4 });
  });

  it('keeps the message of a handler that takes long hidden, and goes on with others meanwhile', async () => {
    const calls: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { counters } = await start((inbox) =>
      inbox.each(ShipParcel, { concurrency: 2, deadlineMs: 120_000 }, async (tx, transaction) => {
        calls.push(transaction.txNo);
        await shipParcel(tx, transaction);
        if (transaction.txNo === 'slow') await held;
      }),
    );
    await send(typed('ShipParcel', 'slow', 'Rome'));
    await expect.poll(() => calls, WAIT).toContain('slow');
    const startedAt = performance.now();
    // For more than twice the time that it is hidden for.
    for (let index = 0; performance.now() - startedAt < 22_000; index += 1) {
      await send(typed('ShipParcel', `quick-${index}`, 'Rome'));
      await reported(`quick-${index}`);
      await pause(500);
    }
    expect(collected.has('slow')).toBe(false);
    release();
    await reported('slow');
    expect(calls.filter((txNo) => txNo === 'slow')).toHaveLength(1);
    expect(await posted('slow')).toEqual(['slow']);
    expect(counters.duplicates).toBe(0);
  }, 180_000);

  it('tries a handler that has failed again, after a while', async () => {
    let failures = 0;
    await start((inbox) =>
      inbox.each(ShipParcel, {}, async (tx, transaction) => {
        await shipParcel(tx, transaction);
        if (failures++ < 1) throw new Error('not yet');
      }),
    );
    await send(typed('ShipParcel', 'again', 'Rome'));
    await reported('again');
    expect(failures).toBe(2);
    expect(await posted('again')).toEqual(['again']);
    // A delivery that the inbox of the last test was still waiting for is lost, and costs its hiding time, too.
  }, 180_000);
});

describe.each(['inbox.before-commit', 'inbox.after-commit', 'inbox.after-publish'])(
  'killed at %s',
  (point) => {
    it('takes everything once after its restart', async () => {
      const txNos = Array.from({ length: 12 }, (_, index) => `${point}-${index}`);
      const program = run(point);
      for (const txNo of txNos) await send(typed('ShipParcel', txNo, 'Rome'));
      expect(await exitCode(program)).toBe(70);
      const again = run();
      await reported(...txNos);
      expect(await posted(point)).toEqual([...txNos].sort());
      expect(
        txNos.filter((txNo) => collected.get(txNo)?.some(({ outcome }) => outcome !== 'APPLIED')),
      ).toEqual([]);
      again.kill();
      await exitCode(again);
    });
  },
);

function run(...failpoint: readonly string[]): ChildProcess {
  const program = spawn(process.execPath, [PROGRAM, parcels.url, broker.endpoints, ...failpoint], {
    stdio: 'inherit',
  });
  running.push(async () => {
    program.kill('SIGKILL');
  });
  return program;
}

async function exitCode(program: ChildProcess): Promise<number | null> {
  if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
  return program.exitCode;
}
