import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess, System } from '@txmsg/testbed';
import { bringUp, type ManagedProcess } from './nemesis/faults/managed-process.js';
import { readUnsettled } from './observe/order-database-view.js';
import type { StrangerLedger } from './observe/stranger-ledger.js';

const LOOK_MS = 500;

/**
 * Starts every process, restores every connection, and waits until all services serve.
 *
 * @returns what doesn't serve in time, for people
 */
export async function healSystem(
  system: System,
  processes: ReadonlyMap<string, ManagedProcess>,
): Promise<string[]> {
  for (const link of system.network.links.values()) {
    link.slow(0);
    link.restore();
  }
  await system.broker.start();
  await Promise.all([...processes.values()].map(bringUp));
  const services = [...system.orders, ...system.relays, ...system.stocks];
  const faults = await Promise.all(services.map(notServing));
  return faults.flatMap((fault) => fault ?? []);
}

async function notServing(service: ServiceProcess): Promise<string | undefined> {
  try {
    await service.waitReady();
    return undefined;
  } catch (error) {
    return `${service.name} does not serve after the healing: ${messageOf(error)}`;
  }
}

/**
 * Waits until every order is settled, the consumers have taken everything, and all messages of strangers are handled.
 *
 * @returns what is left at the deadline, or when the signal is aborted, for people; empty when all is settled
 */
export async function waitSettled(
  system: System,
  strangers: StrangerLedger,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const left = await readLeft(system, strangers);
    if (left.length === 0 || performance.now() > deadlineMs || signal.aborted) return left;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

async function readLeft(system: System, strangers: StrangerLedger): Promise<string[]> {
  const { orderDb, stockDb, broker, stockGroup, relayGroup } = system;
  try {
    const { count } = await readUnsettled(orderDb);
    const [stock, relay] = await Promise.all([broker.progress(stockGroup), broker.progress(relayGroup)]);
    const unhandled = await strangers.countOpen(stockDb);
    return [
      ...(count > 0 ? [`${count} orders are not settled`] : []),
      ...(stock.lag > 0 ? [`the stock service has not taken ${stock.lag} messages`] : []),
      ...(relay.lag > 0 ? [`the relays have not taken ${relay.lag} messages`] : []),
      ...(unhandled > 0 ? [`${unhandled} messages of strangers are neither applied nor dead letters`] : []),
    ];
  } catch (error) {
    return [`it can't be told what is left: ${messageOf(error)}`];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
