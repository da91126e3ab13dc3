import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../random/seeded-random.js';
import { type PlannedOperation, type PlannedOrder, planOperations } from './plan-operations.js';

function take(seed: number, count: number): PlannedOperation[] {
  const steps = planOperations(createSeededRandom(seed), 'c');
  return Array.from({ length: count }, () => steps.next().value as PlannedOperation);
}

const ordersOf = (step: PlannedOperation): readonly PlannedOrder[] => {
  if (step.kind === 'order') return [step.order];
  return step.kind === 'together' || step.kind === 'bulk' ? step.orders : [];
};

describe('planOperations', () => {
  const steps = take(1, 5_000);
  const orders = steps.flatMap(ordersOf);

  it('repeats itself for a seed', () => {
    expect(take(1, 500)).toEqual(steps.slice(0, 500));
    expect(take(2, 500)).not.toEqual(steps.slice(0, 500));
  });

  it('keeps to what the service accepts', () => {
    for (const { txNo, productId, payCount } of orders) {
      expect(txNo).toMatch(/^[A-Za-z0-9_.:-]{0,64}$/);
      expect(productId).toBeGreaterThan(0);
      expect(payCount).toBeGreaterThan(0);
    }
  });

  it('has a hot product, many, scarce ones, unknown ones and additions', () => {
    const share = (which: (productId: number) => boolean) =>
      orders.filter(({ productId }) => which(productId)).length / orders.length;
    expect(share((id) => id === 1)).toBeGreaterThan(0.4);
    expect(share((id) => id >= 100 && id < 400)).toBeGreaterThan(0.3);
    expect(share((id) => id >= 11 && id <= 20)).toBeGreaterThan(0.1);
    expect(share((id) => id >= 900_001)).toBeGreaterThan(0.01);
    expect(steps.filter(({ kind }) => kind === 'add-stock').length).toBeGreaterThan(10);
  });

  it('has twins, rivals and pairs that differ in case', () => {
    const groups = steps.filter((step) => step.kind === 'together').map(({ orders }) => orders);
    const some = (which: (a: PlannedOrder, b: PlannedOrder) => boolean) =>
      groups.filter(([a, b]) => a && b && which(a, b)).length;
    expect(some((a, b) => a.txNo === b.txNo && a.payCount === b.payCount)).toBeGreaterThan(50);
    expect(some((a, b) => a.txNo === b.txNo && a.payCount !== b.payCount)).toBeGreaterThan(50);
    expect(some((a, b) => a.txNo !== b.txNo && a.txNo.toUpperCase() === b.txNo)).toBeGreaterThan(50);
  });

  it('has late retries, late clashes and streams with unique tx_nos', () => {
    const singles = steps.filter((step) => step.kind === 'order').map(({ order }) => order);
    const seen = new Map<string, number>();
    let again = 0;
    let clash = 0;
    for (const { txNo, payCount } of singles.filter(({ txNo }) => txNo !== '')) {
      const before = seen.get(txNo);
      if (before === payCount) again += 1;
      else if (before !== undefined) clash += 1;
      else seen.set(txNo, payCount);
    }
    expect(again).toBeGreaterThan(50);
    expect(clash).toBeGreaterThan(20);
    for (const step of steps) {
      if (step.kind !== 'bulk') continue;
      expect(new Set(step.orders.map(({ txNo }) => txNo)).size).toBe(step.orders.length);
    }
  });
});
