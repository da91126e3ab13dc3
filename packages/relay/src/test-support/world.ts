import { randomUUID } from 'node:crypto';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { RelayService } from '@txmsg/contracts';
import { createGrpcClient, type GrpcClient } from '@txmsg/grpc';
import { startTestBroker, type TestBroker } from '@txmsg/stack/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import {
  type Consumer,
  createTopics,
  startParticipant,
  startTestRelay,
  startTopicConsumer,
  type TestParticipant,
  type TestRelay,
} from './fixture.js';

/** For what takes check-backs or restarts. */
export const LONG = { timeout: 40_000, interval: 50 };

/** What a test of the relay stands on: a broker for the file, the rest fresh for each test. */
export class World {
  broker!: TestBroker;
  participant!: TestParticipant;
  topics!: Awaited<ReturnType<typeof createTopics>>;
  consumer!: Consumer;
  env: Record<string, string> = {};
  /** Run in reverse order after the test. */
  readonly closers: (() => Promise<void> | void)[] = [];

  /** Opens what each test needs. */
  async open(): Promise<void> {
    this.topics = await createTopics(this.broker);
    this.participant = await startParticipant();
    this.env = { ...this.topics.env, TXMSG_RELAY_PARTICIPANTS: `order-svc=${this.participant.address}` };
    this.consumer = startTopicConsumer(this.broker, this.topics.topic);
    const { participant, consumer } = this;
    this.closers.push(
      () => participant.close(),
      () => consumer.stop(),
    );
  }

  /** Closes what the test has opened. */
  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }

  /** Starts a relay and a client of it; stopped after the test. */
  async startRelay(
    extra: Record<string, string> = {},
  ): Promise<{ relay: TestRelay; client: GrpcClient<typeof RelayService> }> {
    const relay = await startTestRelay({ ...this.env, ...extra });
    const client = createGrpcClient(RelayService, relay.address);
    this.closers.push(
      () => relay.stop(),
      () => client.close(),
    );
    return { relay, client };
  }

  /** The same, and the broker answers it. */
  async relayWith(extra: Record<string, string> = {}) {
    const started = await this.startRelay(extra);
    await vi.waitFor(async () => expect(await health(started.relay, 'broker')).toBe('SERVING'), LONG);
    return started;
  }

  /** A half message to prepare. */
  request(body: string, transactionId: string = randomUUID()) {
    return {
      participant: 'order-svc',
      transactionId,
      topic: this.topics.topic,
      body: Buffer.from(body),
      txNos: ['1', '2'].map((suffix) => `${body.replaceAll(' ', '-')}-${suffix}`),
      createTime: { seconds: 1_700_000_000n, nanos: 123_000_000 },
    };
  }
}

/** Registers the hooks of a test file; call it once, at its top. */
export function useWorld(): World {
  const world = new World();
  beforeAll(async () => {
    world.broker = await startTestBroker();
  });
  afterAll(() => world.broker.stop());
  beforeEach(() => world.open());
  afterEach(() => world.close());
  return world;
}

/** What grpc.health.v1 says of a service of the relay. */
export async function health(relay: TestRelay, service: string): Promise<string> {
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
