import type { System } from '@txmsg/testbed';

/** A counter of one relay since its start. */
export async function relayCount(system: System, counter: string, replica = 0): Promise<number> {
  const { counters } = await system.relayAdminClient(replica).getStatus({});
  return Number(counters[counter] ?? 0n);
}

/** A counter of all relays since their starts. */
export async function relayCounts(system: System, counter: string): Promise<number> {
  const counts = await Promise.all(system.relays.map((_, replica) => relayCount(system, counter, replica)));
  return counts.reduce((sum, count) => sum + count, 0);
}
