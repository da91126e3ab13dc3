import { OrderService } from '@txmsg/contracts';
import { createGrpcClient } from '@txmsg/grpc';
import type { LoadResult, UnaryJob } from './jobs.js';
import { productPicker } from './pick-product.js';
import { Samples } from './samples.js';

const CALL_TIMEOUT_MS = 30_000;

/** Closed loop: every caller places its next order when the previous one is answered, until the time is over. */
export async function runUnary(job: UnaryJob): Promise<LoadResult> {
  const clients = job.addresses.map((address) =>
    createGrpcClient(OrderService, address, { timeoutMs: CALL_TIMEOUT_MS }),
  );
  const pickProduct = productPicker(job.products);
  const latencies = new Samples();
  let failed = 0;
  let firstError: string | undefined;
  const start = performance.now();
  const end = start + job.durationMs;
  const caller = async (index: number): Promise<void> => {
    const client = clients[index % clients.length];
    if (!client) return;
    for (let now = performance.now(); now < end; ) {
      try {
        await client.submitOrder({ productId: pickProduct(), payCount: 1 });
        const answered = performance.now();
        latencies.add(answered - now);
        now = answered;
      } catch (error) {
        failed += 1;
        firstError ??= String(error);
        now = performance.now();
      }
    }
  };
  await Promise.all(Array.from({ length: job.callers }, (_, index) => caller(index)));
  const elapsedMs = performance.now() - start;
  for (const client of clients) client.close();
  const counts = { answered: latencies.length, failed, elapsedMs, latenciesMs: latencies.toArray() };
  return firstError === undefined ? counts : { ...counts, firstError };
}
