import { describe, expect, it } from 'vitest';
import { type BookEntry, compareEntries, compareTotals, pairEntries } from './compare-books.js';

const entry = (txNo: string, outcome: BookEntry['outcome'] = 'APPLIED', content = '1x2'): BookEntry => ({
  txNo,
  content,
  outcome,
  createTimeMs: 1_000,
});

async function* stream(...txNos: string[]): AsyncGenerator<BookEntry> {
  for (const txNo of txNos) yield entry(txNo);
}

describe('compareEntries', () => {
  it.each([
    { name: 'agreement', a: entry('t'), b: entry('t'), kind: undefined },
    {
      name: 'a pending transaction applied already',
      a: entry('t', 'PENDING'),
      b: entry('t'),
      kind: undefined,
    },
    { name: 'a pending transaction not there yet', a: entry('t', 'PENDING'), b: undefined, kind: undefined },
    { name: 'a lost one', a: entry('t'), b: undefined, kind: 'MISSING_AT_CONSUMER' },
    {
      name: 'a rejected one that is lost',
      a: entry('t', 'REJECTED'),
      b: undefined,
      kind: 'MISSING_AT_CONSUMER',
    },
    { name: 'one of nobody', a: undefined, b: entry('t'), kind: 'MISSING_AT_PARTICIPANT' },
    { name: 'another content', a: entry('t'), b: entry('t', 'APPLIED', '1x3'), kind: 'CONTENT' },
    {
      name: 'another content of a pending one',
      a: entry('t', 'PENDING'),
      b: entry('t', 'APPLIED', '1x3'),
      kind: 'CONTENT',
    },
    { name: 'another outcome', a: entry('t', 'REJECTED'), b: entry('t'), kind: 'OUTCOME' },
  ])('$name: $kind', ({ a, b, kind }) => {
    expect(compareEntries(a, b, 0)?.kind).toBe(kind);
  });

  it('says nothing of what the consumer may have forgotten', () => {
    expect(compareEntries(entry('t'), undefined, 1_001)).toBeUndefined();
    expect(compareEntries(entry('t'), undefined, 1_000)?.kind).toBe('MISSING_AT_CONSUMER');
  });
});

describe('pairEntries', () => {
  it('pairs by txNo, whichever side has more', async () => {
    const pairs: string[] = [];
    for await (const [a, b] of pairEntries(stream('A', 'b', 'c', 'e'), stream('a', 'b', 'd', 'e', 'f'))) {
      pairs.push(`${a?.txNo ?? '-'}/${b?.txNo ?? '-'}`);
    }
    expect(pairs).toEqual(['A/-', '-/a', 'b/b', 'c/-', '-/d', 'e/e', '-/f']);
  });

  it('ends at once when both are empty', async () => {
    for await (const pair of pairEntries(stream(), stream())) expect.unreachable(`${pair}`);
  });
});

describe('compareTotals', () => {
  const total = (applied: bigint, pending = 0n) => ({ applied, pending });

  it('allows for what is on its way', () => {
    expect(compareTotals('p', total(5n, 9n), total(7n), total(6n, 1n))).toBeUndefined();
  });

  it('names what can not be', () => {
    expect(compareTotals('p', total(5n), total(4n), total(5n))).toMatchObject({
      atParticipant: '5',
      atConsumer: '4',
    });
    expect(compareTotals('p', total(5n), total(9n), total(6n, 2n))).toMatchObject({
      atParticipant: 'between 5 and 8',
    });
  });
});
