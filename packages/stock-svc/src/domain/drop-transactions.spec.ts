import { describe, expect, it } from 'vitest';
import { dropTransactions } from './drop-transactions.js';

const facts = { recorded: new Map(), floorMs: 100, bornTimeMs: 500, participant: 'shop' };

describe('dropTransactions', () => {
  it('rejects what is named, with the content as far as it is known', () => {
    const whole = { txNo: 'b', productId: 3n, payCount: 4, createTimeMs: 200 };
    expect(dropTransactions([{ txNo: 'a' }, whole], facts)).toEqual([
      {
        txNo: 'a',
        productId: 0n,
        payCount: 0,
        createTimeMs: 500,
        participant: 'shop',
        outcome: 'REJECTED',
        reason: 'DROPPED',
      },
      { ...whole, participant: 'shop', outcome: 'REJECTED', reason: 'DROPPED' },
    ]);
  });

  it('leaves alone what has a verdict or is below the floor, and takes each txNo once', () => {
    const record = {
      txNo: 'known',
      productId: 1n,
      payCount: 1,
      createTimeMs: 200,
      participant: '',
      outcome: 'APPLIED',
      reason: '',
    } as const;
    const named = [
      { txNo: 'known' },
      { txNo: 'old', productId: 1n, payCount: 1, createTimeMs: 99 },
      { txNo: 'a' },
      { txNo: 'a' },
    ];
    const dropped = dropTransactions(named, { ...facts, recorded: new Map([['known', record]]) });
    expect(dropped.map(({ txNo }) => txNo)).toEqual(['a']);
  });
});
