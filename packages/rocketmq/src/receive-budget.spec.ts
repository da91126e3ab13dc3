import { expect, it } from 'vitest';
import { ReceiveBudget } from './receive-budget.js';

const MIB = 1024 * 1024;

it('keeps large bodies within the bound, and small ones always', () => {
  const budget = new ReceiveBudget();
  expect(budget.keeps(16 * MIB - 1, 4 * MIB)).toBe(true);
  expect(budget.keeps(16 * MIB, 4 * MIB)).toBe(false);
  expect(budget.keeps(16 * MIB, MIB / 4 + 1)).toBe(false);
  expect(budget.keeps(20 * MIB, MIB / 4)).toBe(true);
});

it('asks for fewer messages after a receive that left some, and for more again after others', () => {
  const budget = new ReceiveBudget();
  expect(budget.messages(32)).toBe(32);
  budget.received(5, 27);
  expect(budget.messages(32)).toBe(2);
  budget.received(1, 1);
  expect(budget.messages(32)).toBe(1);
  budget.received(0, 0);
  expect(budget.messages(32)).toBe(1);
  for (const more of [2, 4, 8, 16, 32, 32]) {
    budget.received(1, 0);
    expect(budget.messages(32)).toBe(more);
  }
});
