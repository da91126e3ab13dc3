import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '@txmsg/testbed';
import { bringUp, type ManagedProcess } from './nemesis/faults/managed-process.js';
import { readUnsettled } from './observe/order-database-view.js';

/** What was still open when the waiting ended. */
export interface Rest {
  readonly unsettled: number;
  /** Messages that consumers have not acknowledged, by group. */
  readonly lag: Readonly<Record<string, number>>;
}

const LOOK_MS = 500;

/** Makes everything run and every connection whole, and waits until all services serve. */
export async function healSystem(
  system: System,
  processes: ReadonlyMap<string, ManagedProcess>,
): Promise<void> {
  for (const link of system.network.links.values()) {
    link.slow(0);
    link.restore();
  }
  await system.broker.start();
  await Promise.all([...processes.values()].map(bringUp));
  await Promise.all(
    [...system.orders, ...system.relays, ...system.stocks].map((service) => service.waitReady()),
  );
}

/** Waits until no order is unsettled and the consumers have taken everything, at most so long; says what is left. */
export async function waitSettled(system: System, timeoutMs: number, signal: AbortSignal): Promise<Rest> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const rest = await readRest(system);
    const open = rest.unsettled + Object.values(rest.lag).reduce((sum, lag) => sum + lag, 0);
    if (open === 0 || performance.now() > deadlineMs || signal.aborted) return rest;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

async function readRest({ orderDb, broker, stockGroup, relayGroup }: System): Promise<Rest> {
  const { count } = await readUnsettled(orderDb);
  const [stock, relay] = await Promise.all([broker.progress(stockGroup), broker.progress(relayGroup)]);
  return { unsettled: count, lag: { [stockGroup]: stock.lag, [relayGroup]: relay.lag } };
}
