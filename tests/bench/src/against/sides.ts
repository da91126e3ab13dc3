/** This checkout, the other one, and a second instance of the other one: the A/A control. */
export const SIDES = ['this', 'other', 'control'] as const;
/** One of them. */
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
 * The sides in the order in which a row is measured in this round (from 0): there and back, so that any two of them see
 * ABBA or BAAB and a steady drift of the machine cancels out. The one that begins changes from round to round.
 */
export function sidesInTurn(round: number): readonly Side[] {
  const there = ORDERS[round % ORDERS.length] ?? SIDES;
  return [...there, ...there.toReversed()];
}
