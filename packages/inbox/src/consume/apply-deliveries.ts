import { chunks } from '@txmsg/core';
import type { Disposition } from '../domain/decide-group.js';
import type { CarriedTransaction } from '../domain/transaction.js';
import { failureKind } from '../store/failure-kind.js';
import type { ApplyEach } from './apply-each.js';
import type { ApplyGroup } from './apply-group.js';
import { HandlerFailedError } from './run-handler.js';

/** A transaction of a delivery with what was done with it. */
export interface AppliedTransaction extends CarriedTransaction {
  readonly disposition: Disposition;
}

/** What became of one delivery's transactions. */
export interface DeliveryResult {
  /** Those that are decided and committed. */
  readonly applied: AppliedTransaction[];
  /** Why the others are not; the fault is the delivery's own. */
  failure?: unknown;
}

/** The transactions that one delivery carries, and where what becomes of them is put. */
export interface DeliveryToApply {
  readonly delivery: { readonly participant: string };
  readonly decoded: { readonly transactions: readonly CarriedTransaction['transaction'][] };
  readonly result: DeliveryResult;
}

/** How transactions are applied. */
export interface Appliers {
  readonly applyGroup: ApplyGroup;
  /** Transactions that are applied one by one; none by default. */
  readonly applyEach?: ApplyEach | undefined;
  /** Transactions at most in one local transaction of a group. */
  readonly maxTransactions: number;
}

interface Item extends CarriedTransaction {
  readonly result: DeliveryResult;
}

/**
 * Applies the transactions of several deliveries in as few local transactions as `maxTransactions` in each allows. When
 * one fails by its own fault the deliveries in it are run singly, so that the others are not held up. Those of types that
 * are applied one by one follow.
 *
 * @throws on an outage and on anything else that is no delivery's own fault; what was committed before stays committed
 */
export async function applyDeliveries(
  { applyGroup, applyEach, maxTransactions }: Appliers,
  deliveries: readonly DeliveryToApply[],
): Promise<void> {
  const items: Item[] = deliveries.flatMap(({ delivery: { participant }, decoded, result }) =>
    decoded.transactions.map((transaction) => ({ participant, transaction, result })),
  );
  const grouped = applyEach ? items.filter(({ transaction }) => !applyEach.has(transaction.type)) : items;
  for (const some of chunks(grouped, maxTransactions)) await applyItems(applyGroup, some);
  if (applyEach) await applyOneByOne(applyEach, items);
}

/** One that fails by its own fault leaves the others alone; any other failure is thrown once they have ended. */
async function applyOneByOne(applyEach: ApplyEach, items: readonly Item[]): Promise<void> {
  const ended = items
    .filter(({ transaction }) => applyEach.has(transaction.type))
    .map(async (item) => {
      const { transaction, participant, result } = item;
      try {
        result.applied.push({ transaction, participant, disposition: await applyEach.apply(item, result) });
      } catch (error) {
        if (!(error instanceof HandlerFailedError) && failureKind(error) !== 'own') throw error;
        result.failure ??= error;
      }
    });
  for (const one of await Promise.allSettled(ended)) if (one.status === 'rejected') throw one.reason;
}

async function applyItems(applyGroup: ApplyGroup, items: readonly Item[]): Promise<void> {
  try {
    await applyTogether(applyGroup, items);
  } catch (error) {
    if (failureKind(error) !== 'own') throw error;
    await applySingly(applyGroup, items, error);
  }
}

async function applyTogether(applyGroup: ApplyGroup, items: readonly Item[]): Promise<void> {
  const dispositions = await applyGroup(items);
  for (const [index, { transaction, participant, result }] of items.entries()) {
    result.applied.push({ transaction, participant, disposition: dispositions[index] as Disposition });
  }
}

async function applySingly(
  applyGroup: ApplyGroup,
  items: readonly Item[],
  groupError: unknown,
): Promise<void> {
  const byDelivery = Map.groupBy(items, ({ result }) => result);
  for (const [result, own] of byDelivery) {
    if (byDelivery.size === 1) {
      result.failure = groupError;
      return;
    }
    try {
      await applyTogether(applyGroup, own);
    } catch (error) {
      if (failureKind(error) !== 'own') throw error;
      result.failure = error;
    }
  }
}
