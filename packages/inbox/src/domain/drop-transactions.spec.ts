import { describe, expect, it } from 'vitest';
import { dropTransactions } from './drop-transactions.js';

const facts = { recorded: new Map(), floorMs: 100, bornTimeMs: 500, participant: 'shop' };

describe('dropTransactions', () => {
  it('rejects what is named, with the content as far as it is known', () => {
    const whole = { txNo: 'b', type: 'Take', message: { payCount: 4 }, createTimeMs: 200 };
    expect(dropTransactions([{ txNo: 'a' }, whole], facts)).toEqual([
      { txNo: 'a', type: '', message: undefined, createTimeMs: 500, participant: 'shop' },
      { ...whole, participant: 'shop' },
    ]);
  });

  it('leaves alone what has a decision or is below the floor, and takes each txNo once', () => {
    const record = {
      txNo: 'known',
      type: 'Take',
      content: '1x1',
      createTimeMs: 200,
      participant: '',
      outcome: 'APPLIED',
      reason: '',
    } as const;
    const named = [{ txNo: 'known' }, { txNo: 'old', createTimeMs: 99 }, { txNo: 'a' }, { txNo: 'a' }];
    const dropped = dropTransactions(named, { ...facts, recorded: new Map([['known', record]]) });
    expect(dropped.map(({ txNo }) => txNo)).toEqual(['a']);
  });
});
