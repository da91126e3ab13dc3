import { randomUUID } from 'node:crypto';
import type { Logger } from '@txmsg/core';
import { vi } from 'vitest';
import type {
  BrokerClient,
  OutgoingMessage,
  ReceivedMessage,
  Subscriber,
  TransactionPublisher,
} from '../types.js';

/** Drops everything; set TXMSG_TEST_LOG to see it. */
export const testLogger: Logger = {
  debug: log,
  info: log,
  warn: log,
  error: log,
};

function log(fields: object, message: string): void {
  if (process.env.TXMSG_TEST_LOG) {
    console.log(new Date().toISOString(), message, fields);
  }
}

/** A small message with one fresh key. */
export function message(
  topic: string,
  body = 'hello',
  keys: readonly string[] = [randomUUID()],
): OutgoingMessage {
  return { topic, body: Buffer.from(body), keys, properties: { origin: 'spec' } };
}

/** Waits until the broker answers this client. */
export async function untilAvailable(client: BrokerClient, timeoutMs = 30_000): Promise<void> {
  await vi.waitFor(() => expectTrue(client.available, 'available'), { timeout: timeoutMs, interval: 20 });
}

/** Waits until the client has noticed that the broker is gone. */
export async function untilUnavailable(client: BrokerClient, timeoutMs = 30_000): Promise<void> {
  await vi.waitFor(() => expectTrue(!client.available, 'not available'), {
    timeout: timeoutMs,
    interval: 20,
  });
}

function expectTrue(value: boolean, what: string): void {
  if (!value) {
    throw new Error(`not yet ${what}`);
  }
}

/** Receives and acks until all these bodies have come; gives all that came. Throws at the deadline. */
export async function receiveBodies(
  subscriber: Subscriber,
  wanted: readonly string[],
  timeoutMs = 30_000,
): Promise<ReceivedMessage[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const missing = new Set(wanted);
  const all: ReceivedMessage[] = [];
  while (missing.size > 0) {
    signal.throwIfAborted();
    const came = await subscriber
      .receive({ maxMessages: 32, invisibleMs: 10_000, waitMs: 5_000, signal })
      .catch(() => []);
    await subscriber.ack(came);
    for (const received of came) {
      missing.delete(received.body.toString());
      all.push(received);
    }
  }
  return all;
}

/** Prepares and commits; fails as either of them does. */
export async function publish(publisher: TransactionPublisher, outgoing: OutgoingMessage): Promise<void> {
  await publisher.end(await publisher.prepare(outgoing), 'COMMIT');
}
