import { expect, it, vi } from 'vitest';
import { createQuietLog } from './quiet-log.js';

it.each(['warn', 'error'] as const)('says it once in a while, and how often it was not said: %s', (level) => {
  const logger = { warn: vi.fn(), error: vi.fn() };
  let nowMs = 0;
  const report = createQuietLog(logger, level, 1_000, () => nowMs);
  for (nowMs of [0, 10, 999, 1_000]) report({ at: nowMs }, 'again');
  expect(logger[level].mock.calls).toEqual([
    [{ at: 0, unsaid: 0 }, 'again'],
    [{ at: 1_000, unsaid: 2 }, 'again'],
  ]);
});
