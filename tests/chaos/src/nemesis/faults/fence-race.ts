import { setTimeout as sleep } from 'node:timers/promises';
import { startBackground } from '../../background.js';
import { faultResources } from '../fault-resources.js';
import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';
import { linksOf } from './link-faults.js';

/** PrepareTransactionRequest starts with the participant. A tag, the length ($ is 36) and the transaction_id follow. */
const TRANSACTION_ID = /order-svc.\$([0-9a-f-]{36})/g;
const CHECKED_SHARE = 0.5;
/** The local transaction crosses the slowed link about this often until its insert arrives. */
const PASSAGES = 4;
const PAUSE_MS = 50;

/** The transaction_ids in a piece of what an order service sends to a relay. */
export function findTransactionIds(piece: Buffer): string[] {
  return [...piece.toString('latin1').matchAll(TRANSACTION_ID)].map((match) => match[1] ?? '');
}

/**
 * Slows the link to the order database. Meanwhile another replica checks transactions that are just being prepared, as
 * if their messages were older than the fence time. Sometimes the fence wins, sometimes the local transaction.
 */
export async function raceFences(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const { sampler, topology, random, fenceMs } = context;
  const names = faultResources(fault, topology);
  const databaseLinks = linksOf(
    context,
    names.filter((name) => name.endsWith('order-db')),
  );
  for (const link of databaseLinks) link.slow(fault.amount);
  const verdicts: Promise<string | undefined>[] = [];
  const check = async (transactionId: string, replica: number) => {
    const transaction = { transactionId, stampMs: Date.now() - 2 * fenceMs };
    sampler.remember(transaction);
    await sleep(random.next() * PASSAGES * fault.amount);
    return sampler.ask(transaction, replica);
  };
  const stops = tapPreparations(context, names, (transactionId, replica) => {
    if (random.chance(CHECKED_SHARE)) verdicts.push(check(transactionId, (replica + 1) % topology.orders));
  });
  const orders = startBackground((signal) => keepOrdering(context, signal));
  let detail = '';
  return {
    undo: async () => {
      await orders.stop();
      for (const stop of stops) stop();
      detail = summary(await Promise.all(verdicts));
      for (const link of databaseLinks) link.slow(0);
    },
    detail: () => detail,
  };
}

/** Reports each transaction that a replica of the order service begins to prepare. */
function tapPreparations(
  context: ChaosContext,
  names: readonly string[],
  onPrepare: (transactionId: string, replica: number) => void,
): (() => void)[] {
  return context.system.orders.flatMap((_, replica) => {
    const own = names.filter((name) => name.startsWith(`order-svc-${replica}→relay-`));
    return linksOf(context, own).map((link) =>
      link.onRequest((piece) => {
        for (const transactionId of findTransactionIds(piece)) onPrepare(transactionId, replica);
      }),
    );
  });
}

/** Keeps new transactions coming for the race, however slow the other orders have become. */
async function keepOrdering({ burst }: ChaosContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await Promise.all([burst(2), burst(2)]);
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}

function summary(verdicts: readonly (string | undefined)[]): string {
  const count = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  return `${verdicts.length} checked early: ${count('ROLLBACK')} fenced, ${count('COMMIT')} committed before`;
}
