import { StockAdminService } from '@txmsg/contracts';
import { type ClientPool, createClientPool } from '@txmsg/grpc';
import type { ReportWatermark } from './watermark.js';

/** Clients of the consumers that keep transactions for dedupe. */
export interface Consumers {
  /** Tells all of them; rejects when one could not be told, after all were tried. */
  readonly reportWatermark: ReportWatermark;
  close(): void;
}

/** Makes the clients; the caller closes them. */
export function createConsumers(
  addresses: ReadonlyMap<string, readonly string[]>,
  timeoutMs: number,
): Consumers {
  const pools: ClientPool<typeof StockAdminService>[] = [...addresses.values()].map((replicas) =>
    createClientPool(StockAdminService, replicas, { timeoutMs }),
  );
  return {
    async reportWatermark(participant, oldestUnsettledTime) {
      const calls = pools.map((pool) =>
        pool.call((client) => client.reportWatermark({ participant, oldestUnsettledTime })),
      );
      const fault = (await Promise.allSettled(calls)).find((outcome) => outcome.status === 'rejected');
      if (fault) throw fault.reason;
    },
    close: () => pools.forEach((pool) => void pool.close()),
  };
}
