import { setTimeout as sleep } from 'node:timers/promises';
import { createTransactionPublisher, type ReceivedMessage, type TransactionPublisher } from '@txmsg/rocketmq';
import type { SeenMessage } from '../../observe/observe-messages.js';
import { faultResources } from '../fault-resources.js';
import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';
import { linksOf } from './link-faults.js';

const AVAILABLE_TIMEOUT_MS = 20_000;
const RESET_ATTEMPTS = 15;
const PUBLISHED_AT_ONCE = 8;
/** The properties of re-publications: the answer to a check-back of such a message is COMMIT. */
const PROPERTIES = { participant: 'order-svc', kind: 'outbox' };

/** Publishes messages once more that were delivered before. */
export async function publishDuplicates(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const { seen, random } = context;
  const chosen = random.shuffle(seen.list).slice(0, fault.amount);
  if (chosen.length === 0) throw new Error('no message has been seen yet');
  const published = await publishAll(context, chosen);
  return { undo: async () => {}, detail: () => `${published} messages published again` };
}

/**
 * Takes some of the topic's check-backs, asks for their verdicts itself and leaves them unanswered. Meanwhile a relay's
 * replies are lost, so half messages stay behind that only the check-back can end.
 */
export async function stealChecks(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const { sampler, random, topology } = context;
  const asked: Promise<unknown>[] = [];
  const links = linksOf(context, faultResources(fault, topology));
  for (const link of links) link.dropReplies();
  const publisher = openPublisher(context, async ({ properties }) => {
    const transactionId = properties.get('transaction_id');
    const stampMs = Number(properties.get('create_time'));
    if (transactionId === undefined || !(stampMs > 0)) return undefined;
    const transaction = { transactionId, stampMs };
    sampler.remember(transaction);
    asked.push(sampler.ask(transaction, random.int(0, topology.orders - 1)));
    return undefined;
  });
  return {
    undo: async () => {
      for (const link of links) link.restore();
      await publisher.close();
      await Promise.all(asked);
    },
    detail: () => `${asked.length} check-backs taken`,
  };
}

/** Delivers again what the stock service has consumed, to the observer too; or outcomes to the relays. */
export async function resetOffset(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const { system, observerGroup } = context;
  const toMs = Date.now() - fault.amount * 1_000;
  const messages = fault.kind === 'reset-message-offset';
  const topic = messages ? system.messageTopic : system.resultTopic;
  const groups = messages ? [system.stockGroup, observerGroup] : [system.relayGroup];
  for (const group of groups) await resetPatiently(() => system.broker.resetOffset(group, topic, toMs));
  return { undo: async () => {}, detail: () => `back by ${fault.amount} s` };
}

/** Another fault may have stopped the broker. */
async function resetPatiently(reset: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await reset();
    } catch (error) {
      if (attempt === RESET_ATTEMPTS) throw error;
      await sleep(1_000);
    }
  }
}

async function publishAll(context: ChaosContext, messages: readonly SeenMessage[]): Promise<number> {
  const publisher = openPublisher(context, async ({ properties }) =>
    properties.get('kind') === PROPERTIES.kind ? 'COMMIT' : undefined,
  );
  try {
    await available(publisher);
    let published = 0;
    for (let start = 0; start < messages.length; start += PUBLISHED_AT_ONCE) {
      const some = messages.slice(start, start + PUBLISHED_AT_ONCE);
      const results = await Promise.allSettled(some.map((one) => publish(context, publisher, one)));
      published += results.filter(({ status }) => status === 'fulfilled').length;
    }
    if (published === 0) throw new Error('the broker took none of the messages');
    return published;
  } finally {
    await publisher.close();
  }
}

async function publish(
  { system }: ChaosContext,
  publisher: TransactionPublisher,
  { body, keys }: SeenMessage,
): Promise<void> {
  const prepared = await publisher.prepare({
    topic: system.messageTopic,
    body,
    keys,
    properties: PROPERTIES,
  });
  await publisher.end(prepared, 'COMMIT');
}

function openPublisher(
  { system }: ChaosContext,
  check: (message: ReceivedMessage) => Promise<'COMMIT' | undefined>,
): TransactionPublisher {
  const silent = () => {};
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  return createTransactionPublisher({
    endpoints: system.broker.endpoints,
    topic: system.messageTopic,
    logger,
    check,
  });
}

async function available(publisher: TransactionPublisher): Promise<void> {
  if (publisher.available) return;
  const timeout = AbortSignal.timeout(AVAILABLE_TIMEOUT_MS);
  await new Promise<void>((resolve, reject) => {
    const stop = publisher.onAvailable(() => {
      stop();
      resolve();
    });
    timeout.addEventListener('abort', () => {
      stop();
      reject(new Error('the broker could not be reached in time'));
    });
  });
}
