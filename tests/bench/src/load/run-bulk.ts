import { once } from 'node:events';
import { OrderService } from '@txmsg/contracts';
import type { BulkAnswer } from '@txmsg/contracts/order';
import { createGrpcClient, type GrpcClient } from '@txmsg/grpc';
import { v7 as uuidv7 } from 'uuid';
import type { BulkJob, LoadResult } from './jobs.js';
import { productPicker } from './pick-product.js';
import { Samples } from './samples.js';

/** What all streams of a job share. */
interface BulkRun {
  readonly job: BulkJob;
  readonly endMs: number;
  readonly latencies: Samples;
  sent: number;
  failed: number;
  firstError: string | undefined;
}

const STREAM_TIMEOUT_MS = 600_000;

/** Keeps every stream's window full until the time is over or enough is sent, then waits for the answers. */
export async function runBulk(job: BulkJob): Promise<LoadResult> {
  const clients = job.addresses.map((address) => createGrpcClient(OrderService, address));
  const start = performance.now();
  const latencies = new Samples();
  const run: BulkRun = {
    job,
    endMs: start + job.durationMs,
    latencies,
    sent: 0,
    failed: 0,
    firstError: undefined,
  };
  const streams = Array.from({ length: job.streams }, (_, index) => clients[index % clients.length]);
  await Promise.all(streams.map((client) => client && runStream(run, client)));
  const elapsedMs = performance.now() - start;
  for (const client of clients) client.close();
  const { failed, firstError } = run;
  const counts = { answered: latencies.length, failed, elapsedMs, latenciesMs: latencies.toArray() };
  return firstError === undefined ? counts : { ...counts, firstError };
}

async function runStream(run: BulkRun, client: GrpcClient<typeof OrderService>): Promise<void> {
  const stream = client.submitOrders({ timeoutMs: STREAM_TIMEOUT_MS });
  const sentAt = new Map<string, number>();
  let onRoom: () => void = () => {};
  const take = ({ txNo, result }: Pick<BulkAnswer, 'txNo' | 'result'>) => {
    const sent = sentAt.get(txNo);
    sentAt.delete(txNo);
    if (result.case === 'order' && sent !== undefined) run.latencies.add(performance.now() - sent);
    else {
      run.failed += 1;
      run.firstError ??= result.case === 'error' ? result.value.message : `an answer to the unknown ${txNo}`;
    }
  };
  stream.on('data', (response) => {
    take(response);
    response.more.forEach(take);
    onRoom();
  });
  const ended = once(stream, 'end');
  const sending = sendOrders(run, stream, sentAt, (listener) => {
    onRoom = listener;
  });
  // A stream error rejects `ended`; the sender may then wait for room that never comes.
  await Promise.race([sending, ended]);
  stream.end();
  await ended;
  run.failed += sentAt.size;
}

async function sendOrders(
  run: BulkRun,
  stream: ReturnType<GrpcClient<typeof OrderService>['submitOrders']>,
  sentAt: Map<string, number>,
  setRoomListener: (listener: () => void) => void,
): Promise<void> {
  const { job } = run;
  const pickProduct = productPicker(job.products);
  const maxOrders = job.maxOrders ?? Number.POSITIVE_INFINITY;
  let now = performance.now();
  while (now < run.endMs && run.sent < maxOrders) {
    while (sentAt.size > 0 && sentAt.size + job.ordersAMessage > job.window) {
      await new Promise<void>((resolve) => setRoomListener(resolve));
    }
    now = performance.now();
    // Another stream may have sent the last orders meanwhile.
    const length = Math.min(job.ordersAMessage, maxOrders - run.sent);
    if (length <= 0) return;
    const [first, ...more] = Array.from({ length }, () => {
      const txNo = uuidv7();
      sentAt.set(txNo, now);
      return { productId: pickProduct(), payCount: 1, txNo };
    });
    run.sent += 1 + more.length;
    if (!stream.write({ ...first, more })) await once(stream, 'drain');
  }
}
