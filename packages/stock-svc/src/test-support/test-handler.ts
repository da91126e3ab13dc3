import { randomUUID } from 'node:crypto';
import type { Database } from '@txmsg/mysql';
import { pino } from 'pino';
import { createGroupApplier } from '../consumer/apply-group.js';
import type { Delivery } from '../consumer/delivery.js';
import { createFailureCounts } from '../consumer/failure-counts.js';
import { type Handled, type HandlerParts, handleDeliveries } from '../consumer/handle-deliveries.js';
import { createKnownParticipants } from '../consumer/known-participants.js';
import type { Outcomes } from '../consumer/publish-outcomes.js';
import { createCounters } from '../counters.js';
import type { Verdict } from '../domain/transaction.js';

/** A consumer's handler whose outcomes are kept instead of being published. */
export interface TestHandler extends HandlerParts {
  readonly published: Outcomes[];
  /** Set to false to make publishing fail. */
  publishing: boolean;
  /** The txNo of each transaction that this handler applied, once for each time. */
  readonly applied: string[];
  handle(deliveries: readonly Delivery[]): Promise<readonly Handled[]>;
  /** The last verdict that was published for a txNo. */
  verdictOf(txNo: string): Verdict | undefined;
}

/** Makes a handler on a database. */
export function createTestHandler(database: Database, options: Partial<HandlerParts> = {}): TestHandler {
  const published: Outcomes[] = [];
  const handler: TestHandler = {
    database,
    applyGroup: createGroupApplier(database),
    published,
    applied: [],
    publishing: true,
    outcomes: {
      async publish(outcomes) {
        if (handler.publishing) published.push(outcomes);
        return handler.publishing;
      },
    },
    participants: createKnownParticipants(database),
    counters: createCounters(),
    logger: pino({ level: 'silent' }),
    maxTransactions: 2_000,
    maxAttempts: 5,
    failures: createFailureCounts(),
    belowFloor: () => undefined,
    badParticipant: () => undefined,
    reportOutage: () => undefined,
    ...options,
    async handle(deliveries) {
      const handled = await handleDeliveries(handler, deliveries);
      for (const { transaction, disposition } of handled.flatMap(({ result }) => result.applied)) {
        if (disposition.kind === 'decided' && disposition.verdict.outcome === 'APPLIED') {
          handler.applied.push(transaction.txNo);
        }
      }
      return handled;
    },
    verdictOf: (txNo) => published.findLast(({ verdicts }) => verdicts.has(txNo))?.verdicts.get(txNo),
  };
  return handler;
}

/** A first delivery of a body from `order-svc`, born now. */
export function delivery(body: unknown, overrides: Partial<Delivery> = {}): Delivery {
  return {
    topic: 'topic_txmsg',
    messageId: randomUUID(),
    body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    participant: 'order-svc',
    bornTimeMs: Date.now(),
    attempt: 1,
    ...overrides,
  };
}

/** An entry as order-svc writes it. */
export function txMessage(
  txNo: string,
  productId: bigint | number,
  payCount: number,
  createTimeMs = Date.now(),
) {
  return { productId: String(productId), payCount, txNo, createTime: String(createTimeMs) };
}

/** A delivery of a group of one. */
export function single(txNo: string, productId: bigint | number, payCount: number): Delivery {
  return delivery({ txMessage: txMessage(txNo, productId, payCount) });
}
