import { expect, it } from 'vitest';
import { createBell } from './bell.js';

const never = new AbortController().signal;

it('ends a wait by ring, time or abort, and remembers one ring', async () => {
  const bell = createBell();
  const waiting = bell.wait(60_000, never);
  bell.ring();
  expect(await waiting).toBe(true);
  expect(await bell.wait(1, never)).toBe(false);
  bell.ring();
  bell.ring();
  expect(await bell.wait(60_000, never)).toBe(true);
  expect(await bell.wait(1, never)).toBe(false);
  expect(await bell.wait(60_000, AbortSignal.abort())).toBe(false);
});
