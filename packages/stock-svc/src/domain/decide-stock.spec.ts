import { describe, expect, it } from 'vitest';
import { decideStock, productsToLock } from './decide-stock.js';

const applied = { outcome: 'APPLIED', reason: '' };
const insufficient = { outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' };

function take(productId: bigint, payCount: number) {
  return { message: { productId, payCount } };
}

describe('decideStock', () => {
  it('serves in the order of arrival, whole or not at all, and a smaller one may still be served', () => {
    const group = [take(1n, 6), take(1n, 5), take(1n, 4), take(1n, 1)];
    const { decisions, taken } = decideStock(group, new Map([[1n, 10n]]));
    expect(decisions).toEqual([applied, insufficient, applied, insufficient]);
    expect([...taken]).toEqual([[1n, 10n]]);
  });

  it('rejects an unknown product', () => {
    const { decisions, taken } = decideStock([take(2n, 1)], new Map([[1n, 10n]]));
    expect(decisions).toEqual([{ outcome: 'REJECTED', reason: 'UNKNOWN_PRODUCT' }]);
    expect(taken.size).toBe(0);
  });

  it('holds for any group: stock never negative, taken is the sum of what was applied', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const group = Array.from({ length: 40 }, (_, index) =>
        take(BigInt((index * seed) % 5), 1 + ((index * seed) % 4)),
      );
      const stock = new Map([0n, 1n, 2n, 3n].map((id) => [id, BigInt(seed % 17)]));
      const { decisions, taken } = decideStock(group, stock);
      expect(decisions).toHaveLength(group.length);
      for (const [productId, before] of stock) {
        const sum = group
          .filter(({ message }, index) => {
            return decisions[index]?.outcome === 'APPLIED' && message.productId === productId;
          })
          .reduce((total, { message }) => total + BigInt(message.payCount), 0n);
        expect(taken.get(productId) ?? 0n).toBe(sum);
        expect(before - sum >= 0n).toBe(true);
      }
    }
  });
});

describe('productsToLock', () => {
  it('names each product once, in ascending order', () => {
    expect(productsToLock([take(30n, 1), take(4n, 1), take(30n, 1)])).toEqual([4n, 30n]);
  });
});
