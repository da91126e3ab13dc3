import { expect, it } from 'vitest';
import { createOpenRequests } from './open-requests.js';

const order = { txNo: 'a', productId: 1, payCount: 2 };
const unavailable = { code: 'UNAVAILABLE', message: '' };

it('asks again later and later until there is a definitive answer', () => {
  let nowMs = 0;
  const open = createOpenRequests(() => nowMs);
  open.note(order, unavailable);
  expect(open.take(10, 199)).toEqual([]);
  expect(open.take(10, 200)).toMatchObject([{ order, attempts: 1, code: 'UNAVAILABLE' }]);
  expect(open.size).toBe(1);
  nowMs = 200;
  open.note(order, unavailable);
  expect(open.take(10, 599)).toEqual([]);
  expect(open.take(10, 600)).toMatchObject([{ attempts: 2 }]);
  open.note(order, { code: 'OK', message: '' });
  expect(open.size).toBe(0);
  expect(open.take(10, 1e9)).toEqual([]);
});

it('counts a refusal as definitive, and contents apart', () => {
  const open = createOpenRequests(() => 0);
  open.note(order, unavailable);
  open.note({ ...order, payCount: 3 }, unavailable);
  open.note({ ...order, payCount: 3 }, { code: 'ALREADY_EXISTS', message: '' });
  expect(open.size).toBe(1);
});

it('takes no more than asked for, and nothing without a tx_no', () => {
  const open = createOpenRequests(() => 0);
  for (const txNo of ['a', 'b', 'c', '']) open.note({ ...order, txNo }, unavailable);
  expect(open.take(2, 1e9)).toHaveLength(2);
  expect(open.size).toBe(3);
});
