import { timestampMs } from '@bufbuild/protobuf/wkt';
import { status as Code } from '@grpc/grpc-js';
import type { RelayAdminService } from '@txmsg/contracts';
import { DifferenceKind } from '@txmsg/contracts/relay-admin';
import { TxmsgError } from '@txmsg/core';
import { type ServiceHandlers, statusOf } from '@txmsg/grpc';
import type { LedgerClient } from '../audit/read-books.js';
import { type AuditSides, runAudit } from '../audit/run-audit.js';
import type { LedgerPool } from '../clients.js';
import type { Counters } from '../counters.js';
import type { Difference } from '../domain/compare-books.js';

/** Those of one side that are served now, each with clients of its books. */
type Side = ReadonlyMap<string, { readonly ledger: LedgerPool }>;

/** What operators are shown. */
export interface RelayAdminOptions {
  readonly participants: Side;
  readonly consumers: Side;
  /** By topic. */
  readonly publishers: ReadonlyMap<string, unknown>;
  readonly brokerAvailable: () => boolean;
  readonly counters: Counters;
}

const DEFAULT_DIFFERENCES = 1_000;
const PROBE_TIMEOUT_MS = 5_000;

const KINDS: Readonly<Record<Difference['kind'], DifferenceKind>> = {
  MISSING_AT_CONSUMER: DifferenceKind.MISSING_AT_CONSUMER,
  MISSING_AT_PARTICIPANT: DifferenceKind.MISSING_AT_PARTICIPANT,
  CONTENT: DifferenceKind.CONTENT,
  OUTCOME: DifferenceKind.OUTCOME,
  TOTAL: DifferenceKind.TOTAL,
  FAULT: DifferenceKind.FAULT,
};

/** The operators' API over gRPC. */
export function createRelayAdminService(
  options: RelayAdminOptions,
): ServiceHandlers<typeof RelayAdminService> {
  return {
    getStatus: () => ({
      brokerAvailable: options.brokerAvailable(),
      participants: [...options.participants.keys()],
      consumers: [...options.consumers.keys()],
      topics: [...options.publishers.keys()],
      counters: Object.fromEntries(
        Object.entries(options.counters.snapshot()).map(([name, n]) => [name, BigInt(n)]),
      ),
    }),
    async *runAudit({ fromTime, toTime, maxDifferences }, { signal }) {
      const sides = await chooseSides(options);
      const range = { fromMs: fromTime && timestampMs(fromTime), toMs: toTime && timestampMs(toTime) };
      const most = maxDifferences || DEFAULT_DIFFERENCES;
      let differences = 0;
      const audit = runAudit(sides, range, signal);
      try {
        for (;;) {
          const { done, value } = await audit.next();
          if (done) {
            yield { item: { case: 'summary' as const, value: encodeSummary(value, differences) } };
            return;
          }
          differences += 1;
          if (differences <= most)
            yield { item: { case: 'difference' as const, value: { ...value, kind: KINDS[value.kind] } } };
        }
      } catch (error) {
        throw asUnavailable(error);
      }
    },
  };
}

function encodeSummary(
  summary: { transactions: number; pending: number; accounts: number },
  differences: number,
) {
  return {
    transactions: BigInt(summary.transactions),
    pending: BigInt(summary.pending),
    accounts: BigInt(summary.accounts),
    differences: BigInt(differences),
  };
}

/** One replica of each side that answers now. */
async function chooseSides({ participants, consumers }: RelayAdminOptions): Promise<AuditSides> {
  const choose = (side: Side) => Promise.all([...side.values()].map(({ ledger }) => ledger.call(probe)));
  try {
    return { participants: await choose(participants), consumers: await choose(consumers) };
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** Asks for the entry of no transaction: an answer shows that the replica and its database are there. */
async function probe(client: LedgerClient): Promise<LedgerClient> {
  const answers = client.exportTransactions({ txNos: ['-'] }, { timeoutMs: PROBE_TIMEOUT_MS });
  for await (const _ of answers) break;
  return client;
}

/** What a side answered, as an answer of ours. */
function asUnavailable(error: unknown): unknown {
  const code = statusOf(error);
  if (code !== Code.UNAVAILABLE && code !== Code.DEADLINE_EXCEEDED && code !== Code.UNIMPLEMENTED)
    return error;
  return new TxmsgError('UNAVAILABLE', 'the books of a participant or consumer cannot be read', {
    cause: error,
    retryDelayMs: 1_000,
  });
}
