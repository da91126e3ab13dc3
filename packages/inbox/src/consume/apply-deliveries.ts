import { chunks } from '@txmsg/core';
import type { Disposition } from '../domain/decide-group.js';
import type { CarriedTransaction } from '../domain/transaction.js';
import { failureKind } from '../store/failure-kind.js';
import type { ApplyGroup } from './apply-group.js';

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

interface Item extends CarriedTransaction {
  readonly result: DeliveryResult;
}

/**
 * Applies the transactions of several deliveries in as few local transactions as `maxTransactions` in each allows. When
 * one fails by its own fault the deliveries in it are run singly, so that the others are not held up.
 *
 * @throws on an outage and on anything else that is no delivery's own fault; what was committed before stays committed
 */
export async function applyDeliveries(
  applyGroup: ApplyGroup,
  deliveries: readonly DeliveryToApply[],
  maxTransactions: number,
): Promise<void> {
  const items: Item[] = deliveries.flatMap(({ delivery: { participant }, decoded, result }) =>
    decoded.transactions.map((transaction) => ({ participant, transaction, result })),
  );
  for (const some of chunks(items, maxTransactions)) await applyItems(applyGroup, some);
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
