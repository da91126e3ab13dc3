import { expect, it } from 'vitest';
import { createHeldKeys } from './held-keys.js';

function setUp(maxKeys?: number) {
  const clock = { ms: 0 };
  return { clock, keys: createHeldKeys<string>(maxKeys, () => clock.ms) };
}

it('knows what was found held until a look finds it free', () => {
  const { keys } = setUp();
  keys.note(['a', 'b'], new Set(['a']));
  expect([keys.has('a'), keys.has('b'), keys.size]).toEqual([true, false, 1]);
  keys.note(['a'], new Set());
  expect(keys.size).toBe(0);
});

it('gives a key to one caller at a time, and later after each look that found it held, up to a second', () => {
  const { clock, keys } = setUp();
  keys.note(['a'], new Set(['a']));
  expect(keys.takeDue(['a'])).toEqual([]);
  clock.ms = 101;
  expect(keys.takeDue(['a', 'a', 'unknown'])).toEqual(['a']);
  expect(keys.takeDue(['a'])).toEqual([]);
  for (let look = 0; look < 20; look += 1) keys.note(['a'], new Set(['a']));
  clock.ms += 450;
  expect(keys.takeDue(['a'])).toEqual([]);
  clock.ms += 600;
  expect(keys.takeDue(['a'])).toEqual(['a']);
});

it('tells which have been held for long', () => {
  const { clock, keys } = setUp();
  keys.note(['a', 'b'], new Set(['a', 'b']));
  clock.ms = 5_000;
  keys.note(['c'], new Set(['c']));
  expect(keys.heldFor(5_000, 10)).toEqual(['a', 'b']);
  expect(keys.heldFor(5_000, 1)).toEqual(['a']);
});

it('forgets what nobody asks about, and the oldest beyond its bound', () => {
  const { clock, keys } = setUp(3);
  keys.note(['a', 'b', 'c', 'd'], new Set(['a', 'b', 'c', 'd']));
  expect([keys.size, keys.has('a'), keys.has('d')]).toEqual([3, false, true]);
  clock.ms = 62_000;
  keys.note(['e'], new Set(['e']));
  expect([keys.size, keys.has('e')]).toEqual([1, true]);
});
