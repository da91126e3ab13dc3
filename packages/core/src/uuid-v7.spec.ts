import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { uuidV7 } from './uuid-v7.js';

it('makes what others take for a UUID of version 7', () => {
  for (let count = 0; count < 5_000; count += 1) {
    const id = uuidV7();
    expect(validate(id)).toBe(true);
    expect(version(id)).toBe(7);
  }
});

it('begins with the time, so that later ones sort behind', () => {
  expect(uuidV7(0x0123456789ab).slice(0, 15)).toBe('01234567-89ab-7');
  expect(uuidV7(1_700_000_000_000) < uuidV7(1_700_000_000_001)).toBe(true);
});

it('never makes one twice, beyond one filling of its pool', () => {
  const now = Date.now();
  const ids = new Set(Array.from({ length: 20_000 }, () => uuidV7(now)));
  expect(ids.size).toBe(20_000);
});

it('uses all random bits: each of the 74 is seen as 0 and as 1', () => {
  const bits = Array.from({ length: 200 }, () => BigInt(`0x${uuidV7(0).replaceAll('-', '')}`));
  const or = bits.reduce((a, b) => a | b);
  const and = bits.reduce((a, b) => a & b);
  const random = (or ^ and).toString(2).replaceAll('0', '').length;
  expect(random).toBe(74);
});
