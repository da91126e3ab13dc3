import { expect, test } from 'vitest';
import { Semaphore } from './semaphore.js';

const patient = { timeoutMs: 5_000 };

test('grants slots, then waits in order, then refuses', async () => {
  const semaphore = new Semaphore(1, 2);
  await semaphore.acquire(patient);
  const order: string[] = [];
  const first = semaphore.acquire(patient).then(() => order.push('first'));
  const second = semaphore.acquire(patient).then(() => order.push('second'));
  await expect(semaphore.acquire(patient)).rejects.toMatchObject({ code: 'OVERLOADED' });
  semaphore.release();
  await first;
  semaphore.release();
  await second;
  expect(order).toEqual(['first', 'second']);
});

test('a wait ends by time, by abort and by close, and frees its place', async () => {
  const semaphore = new Semaphore(1, 1);
  await semaphore.acquire(patient);
  await expect(semaphore.acquire({ timeoutMs: 5 })).rejects.toMatchObject({
    code: 'OVERLOADED',
    outcomeUnknown: false,
  });
  const abort = new AbortController();
  const aborted = semaphore.acquire({ ...patient, signal: abort.signal });
  abort.abort();
  await expect(aborted).rejects.toMatchObject({ code: 'CLOSED' });
  const waiting = semaphore.acquire(patient);
  const closed = semaphore.close();
  await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(semaphore.acquire(patient)).rejects.toMatchObject({ code: 'CLOSED' });
  semaphore.release();
  await closed;
});
