import { expect, test } from 'vitest';
import { createMessageIds } from './message-id.js';

test('two makers in one second never make the same id, and the format is the protocol’s', () => {
  const now = () => Date.UTC(2026, 0, 1);
  const [first, second] = [createMessageIds(now), createMessageIds(now)];
  const ids = new Set([first(), first(), second(), second()]);
  expect(ids.size).toBe(4);
  for (const id of ids) {
    expect(id).toMatch(/^01[0-9A-F]{32}$/);
  }
});
