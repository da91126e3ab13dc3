import { randomUUID } from 'node:crypto';
import { type StockAdminService, TransactionConsumer, TransactionParticipant } from '@txmsg/contracts';
import type { TxResult } from '@txmsg/contracts/message';
import {
  type CheckTransactionRequest,
  type SettleTransactionsRequest,
  TransactionVerdict,
} from '@txmsg/contracts/participant';
import { TxmsgError } from '@txmsg/core';
import { createGrpcServer, type GrpcServer, type ServiceHandlers, serviceEntry } from '@txmsg/grpc';
import { createSubscriber, type ReceivedMessage, type Subscriber } from '@txmsg/rocketmq';
import { loadConfig } from '@txmsg/service';
import type { TestBroker } from '@txmsg/stack/testing';
import { pino } from 'pino';
import { relayContradictions, relaySettings } from '../config.js';
import { type Relay, startRelay } from '../start-relay.js';

/** Silent; set TXMSG_TEST_LOG to a level to see it. */
export const logger = pino({ level: process.env.TXMSG_TEST_LOG ?? 'silent' });

/** The other side of the participant contract, as small as it can be, with everything that it was told. */
export interface TestParticipant {
  readonly address: string;
  readonly checks: CheckTransactionRequest[];
  readonly settled: TxResult[];
  readonly settleRequests: SettleTransactionsRequest[];
  readonly released: string[];
  claims: number;
  /** Settlements that came while it was not available. */
  refused: number;
  verdicts: Map<string, TransactionVerdict[]>;
  beforeCheckReturns: () => Promise<void>;
  /** What is due; a claim takes all of it, a release brings it back. */
  due: { topic: string; body: string; txNos: string[]; type?: string }[];
  beforeClaimReturns: () => Promise<void>;
  available: boolean;
  /** Answers a settlement; by default all of it is settled. May throw, or never answer. */
  onSettle: (request: SettleTransactionsRequest) => Promise<{ settled?: number; unsettledTxNos?: string[] }>;
  close(): Promise<void>;
}

/** Starts a participant on a free port; the caller closes it. */
export async function startParticipant(): Promise<TestParticipant> {
  const claimed: TestParticipant['due'] = [];
  const participant: Omit<TestParticipant, 'address' | 'close'> = {
    checks: [],
    settled: [],
    settleRequests: [],
    released: [],
    claims: 0,
    refused: 0,
    verdicts: new Map(),
    beforeCheckReturns: async () => undefined,
    due: [],
    beforeClaimReturns: async () => undefined,
    available: true,
    onSettle: async ({ results }) => ({ settled: results.length }),
  };
  const guard = () => {
    if (!participant.available) throw new TxmsgError('UNAVAILABLE', 'away');
  };
  const entry = serviceEntry(TransactionParticipant, {
    async checkTransaction(request) {
      guard();
      participant.checks.push(request);
      await participant.beforeCheckReturns();
      const verdict = participant.verdicts.get(request.transactionId)?.shift();
      return { verdict: verdict ?? TransactionVerdict.UNKNOWN };
    },
    async claimUnsettled() {
      guard();
      participant.claims += 1;
      const groups = participant.due.splice(0);
      claimed.push(...groups);
      if (groups.length > 0) await participant.beforeClaimReturns();
      const oldestUnsettledTime = { seconds: 1_700_000_000n, nanos: 0 };
      return {
        groups: groups.map((group) => ({ ...group, body: Buffer.from(group.body) })),
        oldestUnsettledTime,
      };
    },
    releaseUnsettled: ({ txNos }) => {
      participant.released.push(...txNos);
      for (const group of claimed.splice(0)) {
        const isReleased = group.txNos.some((txNo) => txNos.includes(txNo));
        (isReleased ? participant.due : claimed).push(group);
      }
      return {};
    },
    async settleTransactions(request) {
      if (!participant.available) participant.refused += 1;
      guard();
      participant.settleRequests.push(request);
      const answer = await participant.onSettle(request);
      const unsettled = new Set(answer.unsettledTxNos);
      participant.settled.push(...request.results.filter(({ txNo }) => !unsettled.has(txNo)));
      return answer;
    },
    listStuck: () => ({}),
  });
  const server = await createGrpcServer([entry], { host: '127.0.0.1', port: 0, logger });
  return Object.assign(participant, {
    address: `127.0.0.1:${server.port}`,
    close: () => server.close(500),
  });
}

/** Starts a consumer that only takes watermarks, by the contract of today or by that of before. */
export async function startConsumer(
  onReport: (participant: string, seconds: bigint) => void,
  port: number,
  service: typeof TransactionConsumer | typeof StockAdminService = TransactionConsumer,
): Promise<GrpcServer> {
  const unused = () => {
    throw new TxmsgError('INTERNAL', 'not part of the test');
  };
  const handlers: ServiceHandlers<typeof TransactionConsumer> = {
    reportWatermark: ({ participant, oldestUnsettledTime }) => {
      onReport(participant, oldestUnsettledTime?.seconds ?? 0n);
      return {};
    },
    getStatus: unused,
    listWatermarks: unused,
    deleteWatermark: unused,
    listDeadLetters: unused,
    getDeadLetter: unused,
    replayDeadLetter: unused,
    dropDeadLetter: unused,
    listAdminActions: unused,
  };
  const entry = serviceEntry(service as typeof TransactionConsumer, handlers);
  return await createGrpcServer([entry], { host: '127.0.0.1', port, logger });
}

/** A relay in this process and the way to stop it as SIGTERM does. */
export interface TestRelay extends Relay {
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts a relay with these variables set; the rest is the default. */
export async function startTestRelay(env: Readonly<Record<string, string>>): Promise<TestRelay> {
  const config = loadConfig(relaySettings, { TXMSG_RELAY_GRPC_PORT: '0', ...env }, relayContradictions);
  const stop = new AbortController();
  const closers: (() => Promise<void> | void)[] = [];
  const relay = await startRelay(config, {
    logger,
    signal: stop.signal,
    onStop: (_name, close) => void closers.push(close),
  });
  return {
    ...relay,
    address: `127.0.0.1:${relay.port}`,
    async stop() {
      stop.abort();
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

/** Own topics and groups for a test, and the variables that name them. */
export async function createTopics(broker: TestBroker): Promise<{
  readonly topic: string;
  readonly resultTopic: string;
  readonly resultGroup: string;
  readonly env: Readonly<Record<string, string>>;
}> {
  const id = randomUUID();
  const names = { topic: `tx_${id}`, resultTopic: `result_${id}`, resultGroup: `relay_${id}` };
  await broker.createTopic(names.topic, 'TRANSACTION');
  await broker.createTopic(names.resultTopic, 'NORMAL');
  await broker.createGroup(names.resultGroup);
  await broker.createGroup(`consumer_${id}`);
  const env = {
    TXMSG_ROCKETMQ_ENDPOINTS: broker.endpoints,
    TXMSG_MESSAGE_TOPIC: names.topic,
    TXMSG_RESULT_TOPIC: names.resultTopic,
    TXMSG_RESULT_CONSUMER_GROUP: names.resultGroup,
    TXMSG_RELAY_OUTBOX_POLL: '20ms',
    TXMSG_RELAY_OUTBOX_IDLE_POLL: '500ms',
  };
  return { ...names, env };
}

/** What a consumer of the topic gets, acked. */
export interface Consumer {
  readonly received: ReceivedMessage[];
  bodies(): string[];
  stop(): Promise<void>;
}

/** Consumes a topic of `createTopics` in the background. */
export function startTopicConsumer(broker: TestBroker, topic: string): Consumer {
  const group = topic.replace('tx_', 'consumer_');
  const subscriber: Subscriber = createSubscriber({ endpoints: broker.endpoints, topic, group, logger });
  const stop = new AbortController();
  const received: ReceivedMessage[] = [];
  const running = (async () => {
    while (!stop.signal.aborted) {
      const options = { maxMessages: 32, invisibleMs: 10_000, waitMs: 5_000, signal: stop.signal };
      // An outage is part of some tests; a receive waits for the broker's return by itself.
      const messages = await subscriber.receive(options).catch(() => []);
      received.push(...messages);
      await subscriber.ack(messages);
    }
  })();
  return {
    received,
    bodies: () => received.map(({ body }) => body.toString()),
    async stop() {
      stop.abort();
      await running;
      await subscriber.close();
    },
  };
}
