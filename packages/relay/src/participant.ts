import { TransactionLedger, TransactionParticipant } from '@txmsg/contracts';
import type { Logger } from '@txmsg/core';
import { createClientPool } from '@txmsg/grpc';
import type { Subscriber, TransactionPublisher } from '@txmsg/rocketmq';
import type { LedgerPool, ParticipantPool } from './clients.js';
import type { RelayConfig } from './config.js';
import type { Counters } from './counters.js';
import { createOutbox, type Outbox } from './outbox/outbox.js';
import { createLane, type Lane } from './settlement/lane.js';
import type { WatermarkReports } from './watermark/watermark-reports.js';

/** What a participant's part of the relay works with. */
export interface ParticipantParts {
  readonly config: RelayConfig;
  readonly counters: Counters;
  readonly logger: Logger;
  /** By topic. */
  readonly publishers: ReadonlyMap<string, TransactionPublisher>;
  /** Of the outcomes. */
  readonly subscriber: Subscriber;
  readonly watermarks: WatermarkReports;
  /** Aborted at the relay's stop. */
  readonly signal: AbortSignal;
}

/** One participant that the relay serves. */
export interface ServedParticipant {
  readonly pool: ParticipantPool;
  readonly ledger: LedgerPool;
  readonly lane: Lane;
  readonly outbox: Outbox;
  /** Ends its loops; resolves when they have given back, or finished, what they had in hand. */
  stop(): Promise<void>;
  /** Closes its clients. */
  close(): void;
}

/** Opens a participant's clients and starts its outbox. */
export function serveParticipant(
  name: string,
  addresses: readonly string[],
  parts: ParticipantParts,
): ServedParticipant {
  const { config, counters, logger, subscriber, publishers, watermarks } = parts;
  const stopping = new AbortController();
  const signal = AbortSignal.any([parts.signal, stopping.signal]);
  const pool = createClientPool(TransactionParticipant, addresses, {
    timeoutMs: config.participantTimeoutMs,
  });
  const ledger = createClientPool(TransactionLedger, addresses);
  const shared = { participant: name, pool, counters, logger };
  const lane = createLane({ ...shared, subscriber, signal, maxInHand: config.settleConcurrency });
  const outbox = createOutbox({
    ...shared,
    publishers,
    batch: config.outboxBatch,
    concurrency: config.outboxConcurrency,
    timeoutMs: config.brokerTimeoutMs,
    pace: { minMs: config.outboxMinPollMs, maxMs: config.outboxMaxPollMs },
    onOldestUnsettled: watermarks.observe,
  });
  const running = outbox.run(signal);
  return {
    pool,
    ledger,
    lane,
    outbox,
    async stop() {
      stopping.abort();
      await running;
      await lane.idle();
    },
    close() {
      pool.close();
      ledger.close();
    },
  };
}
