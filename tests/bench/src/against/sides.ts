/** This checkout, the other one, and a second instance of the other one: the A/A control. */
export const SIDES = ['this', 'other', 'control'] as const;
/** One of the sides. */
export type Side = (typeof SIDES)[number];

const ORDERS: readonly (readonly [Side, Side, Side])[] = [
  ['this', 'other', 'control'],
  ['other', 'control', 'this'],
  ['control', 'this', 'other'],
  ['control', 'other', 'this'],
  ['this', 'control', 'other'],
  ['other', 'this', 'control'],
];

/**
 * The sides in the order in which this round (from 0) measures a row: there and back. Any two sides see ABBA or BAAB,
 * so a steady drift of the machine cancels out. Another side begins each round.
 */
export function sidesInTurn(round: number): readonly Side[] {
  const there = ORDERS[round % ORDERS.length] ?? SIDES;
  return [...there, ...there.toReversed()];
}
