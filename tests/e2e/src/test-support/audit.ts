import { type AuditSummary, DifferenceKind } from '@txmsg/contracts/relay-admin';
import type { System } from '@txmsg/testbed';

/** What an audit of a system found. */
export interface Audit {
  /** The differences as `KIND subject`, sorted. */
  readonly differences: readonly string[];
  readonly summary: AuditSummary;
}

/** Runs an audit at a relay. */
export async function auditOf(system: System, relay = 0): Promise<Audit> {
  const differences: string[] = [];
  for await (const { item } of system.relayAdminClient(relay).runAudit({}, { timeoutMs: 60_000 })) {
    if (item.case === 'difference')
      differences.push(`${DifferenceKind[item.value.kind]} ${item.value.subject}`);
    if (item.case === 'summary') return { differences: differences.sort(), summary: item.value };
  }
  throw new Error('no summary');
}
