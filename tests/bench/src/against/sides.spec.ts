import { describe, expect, it } from 'vitest';
import { SIDES, sidesInTurn } from './sides.js';

describe('sidesInTurn', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('round %i: any two sides see ABBA or BAAB', (round) => {
    const turns = sidesInTurn(round);
    for (const a of SIDES) {
      for (const b of SIDES.filter((side) => side !== a)) {
        const seen = turns.filter((side) => side === a || side === b);
        expect([
          [a, b, b, a],
          [b, a, a, b],
        ]).toContainEqual(seen);
      }
    }
  });
  it('lets every side begin equally often', () => {
    const first = Array.from({ length: 6 }, (_, round) => sidesInTurn(round)[0]);
    for (const side of SIDES) expect(first.filter((name) => name === side)).toHaveLength(2);
  });
});
