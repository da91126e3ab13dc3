import { expect, it } from 'vitest';
import { ReceiveBudget } from './receive-budget.js';

it('asks for fewer messages after a receive that was too large, and for more again after others', () => {
  const budget = new ReceiveBudget();
  expect(budget.messages(32)).toBe(32);
  expect(budget.isSpent(16 * 1024 * 1024 - 1)).toBe(false);
  expect(budget.isSpent(16 * 1024 * 1024)).toBe(true);
  budget.received(5, true);
  expect(budget.messages(32)).toBe(2);
  budget.received(1, true);
  expect(budget.messages(32)).toBe(1);
  budget.received(0, false);
  expect(budget.messages(32)).toBe(1);
  for (const more of [2, 4, 8, 16, 32, 32]) {
    budget.received(1, false);
    expect(budget.messages(32)).toBe(more);
  }
});
