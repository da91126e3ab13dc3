import { describe, expect, it } from 'vitest';
import { decideGroup, type GroupFacts, productsToLock } from './decide-group.js';
import type { RecordedTransaction, Transaction } from './transaction.js';

const applied = { outcome: 'APPLIED', reason: '' };
const insufficient = { outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' };

function tx(txNo: string, productId: bigint, payCount: number, createTimeMs = 1_000): Transaction {
  return { txNo, productId, payCount, createTimeMs };
}

function facts(overrides: Partial<GroupFacts> = {}): GroupFacts {
  return { recorded: new Map(), floorMs: 0, stock: new Map([[1n, 10n]]), ...overrides };
}

function onRecord(record: RecordedTransaction) {
  return facts({ recorded: new Map([[record.txNo, record]]) });
}

describe('decideGroup', () => {
  it('serves in the order of arrival, whole or not at all, and a smaller one may still be served', () => {
    const decision = decideGroup([tx('a', 1n, 6), tx('b', 1n, 5), tx('c', 1n, 4), tx('d', 1n, 1)], facts());
    expect(decision.dispositions.map((one) => one.kind === 'decided' && one.verdict)).toEqual([
      applied,
      insufficient,
      applied,
      insufficient,
    ]);
    expect([...decision.taken]).toEqual([[1n, 10n]]);
    expect(decision.records.map(({ txNo }) => txNo)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('rejects an unknown product', () => {
    const { dispositions, taken } = decideGroup([tx('a', 2n, 1)], facts());
    expect(dispositions).toEqual([
      { kind: 'decided', verdict: { outcome: 'REJECTED', reason: 'UNKNOWN_PRODUCT' } },
    ]);
    expect(taken.size).toBe(0);
  });

  it('answers a duplicate with the verdict on record and takes nothing', () => {
    const record = {
      ...tx('a', 1n, 2),
      outcome: 'REJECTED',
      reason: 'INSUFFICIENT_STOCK',
      participant: '',
    } as const;
    const decision = decideGroup([tx('a', 1n, 2, 5_000)], onRecord(record));
    expect(decision).toMatchObject({
      dispositions: [{ kind: 'duplicate', verdict: insufficient }],
      records: [],
      taken: new Map(),
    });
  });

  it.each([tx('a', 1n, 3), tx('a', 2n, 2)])('tells other content of the same txNo', (other) => {
    const decision = decideGroup(
      [other],
      onRecord({ ...tx('a', 1n, 2), outcome: 'APPLIED', reason: '', participant: '' }),
    );
    expect(decision).toMatchObject({ dispositions: [{ kind: 'mismatch', verdict: applied }], records: [] });
  });

  it('lets what was dropped stand for any content', () => {
    const dropped = { ...tx('a', 0n, 0), outcome: 'REJECTED', reason: 'DROPPED', participant: '' } as const;
    expect(decideGroup([tx('a', 1n, 2)], onRecord(dropped)).dispositions[0]?.kind).toBe('duplicate');
  });

  it('takes the same txNo once within a group, and tells its other content', () => {
    const decision = decideGroup([tx('a', 1n, 2), tx('a', 1n, 2), tx('a', 1n, 3)], facts());
    expect(decision.dispositions.map(({ kind }) => kind)).toEqual(['decided', 'duplicate', 'mismatch']);
    expect(decision.records).toHaveLength(1);
    expect([...decision.taken]).toEqual([[1n, 2n]]);
  });

  it.each([
    ['shop', 'order-svc', 'other-participant'],
    ['shop', 'shop', 'duplicate'],
    ['', 'order-svc', 'duplicate'],
    ['order-svc', '', 'duplicate'],
  ])('answers "%s" about a record of "%s" with: %s', (asking, participant, kind) => {
    const record = { ...tx('a', 1n, 2), outcome: 'APPLIED', reason: '', participant } as const;
    const decision = decideGroup([tx('a', 1n, 2)], { ...onRecord(record), participants: [asking] });
    expect(decision).toMatchObject({ dispositions: [{ kind }], records: [], taken: new Map() });
  });

  it('tells equal txNos of two participants within a group apart', () => {
    const group = [tx('a', 1n, 2), tx('a', 1n, 2)];
    const decision = decideGroup(group, { ...facts(), participants: ['order-svc', 'shop'] });
    expect(decision.dispositions[1]).toEqual({ kind: 'other-participant', owner: 'order-svc' });
    expect(decision.records).toMatchObject([{ txNo: 'a', participant: 'order-svc' }]);
  });

  it('keeps abc and ABC apart', () => {
    const decision = decideGroup([tx('abc', 1n, 2), tx('ABC', 1n, 3)], facts());
    expect([...decision.taken]).toEqual([[1n, 5n]]);
  });

  it('never applies what is below the floor, but knows it while it is on record', () => {
    const record = { ...tx('b', 1n, 1, 10), outcome: 'APPLIED', reason: '', participant: '' } as const;
    const decision = decideGroup([tx('a', 1n, 1, 99), tx('b', 1n, 1, 10), tx('c', 1n, 1, 100)], {
      ...onRecord(record),
      floorMs: 100,
    });
    expect(decision.dispositions.map(({ kind }) => kind)).toEqual(['below-floor', 'duplicate', 'decided']);
    expect(decision.records.map(({ txNo }) => txNo)).toEqual(['c']);
  });

  it('holds for any group: stock never negative, taken is the sum of what was applied', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const group = Array.from({ length: 40 }, (_, index) =>
        tx(`t${(index * seed) % 31}`, BigInt((index * seed) % 5), 1 + ((index * seed) % 4)),
      );
      const stock = new Map([0n, 1n, 2n, 3n].map((id) => [id, BigInt(seed % 17)]));
      const { records, taken } = decideGroup(group, facts({ stock }));
      for (const [productId, before] of stock) {
        const sum = records
          .filter((record) => record.outcome === 'APPLIED' && record.productId === productId)
          .reduce((total, { payCount }) => total + BigInt(payCount), 0n);
        expect(taken.get(productId) ?? 0n).toBe(sum);
        expect(before - sum >= 0n).toBe(true);
      }
      expect(new Set(records.map(({ txNo }) => txNo)).size).toBe(records.length);
    }
  });
});

describe('productsToLock', () => {
  it('names each product once, in ascending order, of those that are to be decided', () => {
    const record = { ...tx('known', 7n, 1), outcome: 'APPLIED', reason: '', participant: '' } as const;
    const group = [tx('a', 30n, 1), tx('b', 4n, 1), tx('c', 30n, 1), tx('known', 7n, 1), tx('old', 9n, 1, 1)];
    expect(productsToLock(group, { recorded: new Map([['known', record]]), floorMs: 2 })).toEqual([4n, 30n]);
  });
});
