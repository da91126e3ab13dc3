import { describe, expect, it } from 'vitest';
import { checkBooks } from './check-books.js';

const right = {
  productId: 1n,
  totalCount: 7n,
  addedTotal: 10n,
  takenTotal: 3n,
  addedLog: 10n,
  takenLog: 3n,
};

describe('checkBooks', () => {
  it('finds nothing in books that add up', () => {
    expect(checkBooks(right, true)).toBe('');
    expect(checkBooks({ ...right, takenLog: 1n }, false)).toBe('');
  });

  it.each([
    [{ totalCount: -1n, takenTotal: 11n, takenLog: 11n }, true],
    [{ totalCount: 8n }, true],
    [{ addedLog: 9n }, true],
    [{ takenLog: 2n }, true],
    [{ takenLog: 4n }, false],
  ])('tells the fault of case %#', (wrong, complete) => {
    expect(checkBooks({ ...right, ...wrong }, complete)).not.toBe('');
  });
});
