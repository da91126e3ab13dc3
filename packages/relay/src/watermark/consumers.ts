import { status as Code } from '@grpc/grpc-js';
import { TransactionConsumer, TransactionLedger } from '@txmsg/contracts';
import type { Logger } from '@txmsg/core';
import { createClientPool, statusOf } from '@txmsg/grpc';
import type { ConsumerPool, LedgerPool } from '../clients.js';
import type { ReportWatermark } from './watermark-reports.js';

/** One consumer that keeps transactions for dedupe. */
export interface ServedConsumer {
  readonly ledger: LedgerPool;
  /** Brings it a participant's watermark. Rejects when it can't be told now. */
  readonly report: ReportWatermark;
  close(): void;
}

/** Opens a consumer's clients. */
export function serveConsumer(
  name: string,
  addresses: readonly string[],
  timeoutMs: number,
  logger: Logger,
): ServedConsumer {
  const pool: ConsumerPool = createClientPool(TransactionConsumer, addresses, { timeoutMs });
  const ledger = createClientPool(TransactionLedger, addresses);
  let takesNone = false;
  return {
    ledger,
    async report(participant, oldestUnsettledTime) {
      try {
        await pool.call((client) => client.reportWatermark({ participant, oldestUnsettledTime }));
        takesNone = false;
      } catch (error) {
        if (statusOf(error) !== Code.UNIMPLEMENTED) throw error;
        if (!takesNone)
          logger.warn({ consumer: name }, 'a consumer takes no watermarks: it forgets nothing meanwhile');
        takesNone = true;
      }
    },
    close() {
      pool.close();
      ledger.close();
    },
  };
}

/** Tells all present consumers. Rejects when one could not be told, after all were tried. */
export function reportToAll(consumers: ReadonlyMap<string, ServedConsumer>): ReportWatermark {
  return async (participant, oldestUnsettledTime) => {
    const calls = [...consumers.values()].map(({ report }) => report(participant, oldestUnsettledTime));
    const fault = (await Promise.allSettled(calls)).find((outcome) => outcome.status === 'rejected');
    if (fault) throw fault.reason;
  };
}
