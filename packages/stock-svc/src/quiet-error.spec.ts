import { expect, it, vi } from 'vitest';
import { createQuietError } from './quiet-error.js';

it('says it once in a while, and how often it was not said', () => {
  const error = vi.fn();
  let nowMs = 0;
  const report = createQuietError({ error }, 1_000, () => nowMs);
  for (nowMs of [0, 10, 999, 1_000]) report({ at: nowMs }, 'again');
  expect(error.mock.calls).toEqual([
    [{ at: 0, unsaid: 0 }, 'again'],
    [{ at: 1_000, unsaid: 2 }, 'again'],
  ]);
});
