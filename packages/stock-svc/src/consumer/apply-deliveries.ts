import { chunks } from '@txmsg/core';
import type { Disposition } from '../domain/decide-group.js';
import type { Transaction } from '../domain/transaction.js';
import { failureKind } from '../store/failure-kind.js';
import type { ApplyGroup } from './apply-group.js';

/** A transaction of a delivery with what was done with it. */
export interface AppliedTransaction {
  readonly transaction: Transaction;
  readonly disposition: Disposition;
}

/** What became of one delivery's transactions. */
export interface DeliveryResult {
  /** Those that are decided and committed. */
  readonly applied: AppliedTransaction[];
  /** Why the others are not; the fault is the delivery's own. */
  failure?: unknown;
}

/** The transactions that one delivery carries. */
export interface CarriedTransactions {
  /** Who published them; blank when that isn't known. */
  readonly participant: string;
  readonly transactions: readonly Transaction[];
}

interface Item {
  readonly participant: string;
  readonly transaction: Transaction;
  readonly result: DeliveryResult;
}

/**
 * Applies the transactions of several deliveries in as few local transactions as `maxTransactions` in each allows. When
 * one fails by its own fault the deliveries in it are run singly, so that the others are not held up.
 *
 * @returns one result for each delivery
 * @throws on an outage and on anything else that is no delivery's own fault; what was committed before stays committed
 */
export async function applyDeliveries(
  applyGroup: ApplyGroup,
  deliveries: readonly CarriedTransactions[],
  maxTransactions: number,
): Promise<DeliveryResult[]> {
  const results = deliveries.map((): DeliveryResult => ({ applied: [] }));
  const items: Item[] = deliveries.flatMap(({ participant, transactions }, index) => {
    const result = results[index] as DeliveryResult;
    return transactions.map((transaction) => ({ participant, transaction, result }));
  });
  for (const some of chunks(items, maxTransactions)) await applyItems(applyGroup, some);
  return results;
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
  const dispositions = await applyGroup(
    items.map(({ transaction }) => transaction),
    items.map(({ participant }) => participant),
  );
  for (const [index, { transaction, result }] of items.entries()) {
    result.applied.push({ transaction, disposition: dispositions[index] as Disposition });
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
