import { createTransactionPublisher, KEY_BYTES_MAX, type OutgoingMessage } from '@txmsg/rocketmq';
import { v7 as uuidv7 } from 'uuid';
import { Samples } from '../load/samples.js';
import type { HalfMessagesJob, LimitResult } from './jobs.js';

const silent = () => {};
const logger = { debug: silent, info: silent, warn: silent, error: silent };

/** Sends half messages as large as those of groups, and commits each, until the time is over. */
export async function runHalfMessages(job: HalfMessagesJob): Promise<LimitResult> {
  const publisher = createTransactionPublisher({
    endpoints: job.endpoints,
    topic: job.topic,
    logger,
    check: async () => 'COMMIT',
  });
  try {
    await available(publisher);
    const latencies = new Samples();
    const start = performance.now();
    const end = start + job.durationMs;
    const sender = async (): Promise<void> => {
      for (let now = performance.now(); now < end; ) {
        await publisher.end(await publisher.prepare(groupMessage(job)), 'COMMIT');
        const sent = performance.now();
        latencies.add(sent - now);
        now = sent;
      }
    };
    await Promise.all(Array.from({ length: job.inFlight }, sender));
    const elapsedMs = performance.now() - start;
    return { groups: latencies.length, elapsedMs, latenciesMs: latencies.toArray() };
  } finally {
    await publisher.close();
  }
}

function groupMessage({ topic, groupSize }: HalfMessagesJob): OutgoingMessage {
  const createTime = String(Date.now());
  const txMessages = Array.from({ length: groupSize }, () => ({
    productId: '1',
    payCount: 1,
    txNo: uuidv7(),
    createTime,
  }));
  const keys = txMessages.map(({ txNo }) => txNo).slice(0, Math.floor(KEY_BYTES_MAX / 37));
  return { topic, body: Buffer.from(JSON.stringify({ txMessages })), keys, properties: {} };
}

function available(publisher: ReturnType<typeof createTransactionPublisher>): Promise<void> {
  if (publisher.available) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = publisher.onAvailable(() => {
      stop();
      resolve();
    });
  });
}
