import { setTimeout as sleep } from 'node:timers/promises';
import { faultResources } from '../fault-resources.js';
import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';
import { linksOf } from './link-faults.js';

/** PrepareTransactionRequest starts with the participant; a tag, the length ($ is 36) and the transaction_id follow. */
const TRANSACTION_ID = /order-svc.\$([0-9a-f-]{36})/g;
const CHECKED_SHARE = 0.5;
/** The local transaction takes about this many passages of the slowed link until its insert arrives. */
const PASSAGES = 4;

/** The transaction_ids in a piece of what an order service sends to a relay. */
export function findTransactionIds(piece: Buffer): string[] {
  return [...piece.toString('latin1').matchAll(TRANSACTION_ID)].map((match) => match[1] ?? '');
}

/**
 * Slows the way to the order database and has another replica decide transactions that are just being prepared, as if
 * their messages were older than the fence time: sometimes the fence wins and sometimes the local transaction.
 */
export async function raceFences(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const { system, sampler, topology, random, fenceMs } = context;
  const names = faultResources(fault, topology);
  const databaseLinks = linksOf(
    context,
    names.filter((name) => name.endsWith('order-db')),
  );
  for (const link of databaseLinks) link.slow(fault.amount);
  const checks: Promise<void>[] = [];
  const check = async (transactionId: string, replica: number) => {
    const transaction = { transactionId, stampMs: Date.now() - 2 * fenceMs };
    sampler.remember(transaction);
    await sleep(random.next() * PASSAGES * fault.amount);
    await sampler.ask(transaction, replica);
  };
  const stops = system.orders.flatMap((_, replica) =>
    linksOf(
      context,
      names.filter((name) => name.startsWith(`order-svc-${replica}→relay-`)),
    ).map((link) =>
      link.onRequest((piece) => {
        for (const id of findTransactionIds(piece)) {
          if (random.chance(CHECKED_SHARE)) checks.push(check(id, (replica + 1) % topology.orders));
        }
      }),
    ),
  );
  return {
    undo: async () => {
      for (const stop of stops) stop();
      await Promise.all(checks);
      for (const link of databaseLinks) link.slow(0);
    },
    detail: () => `${checks.length} transactions checked early`,
  };
}
