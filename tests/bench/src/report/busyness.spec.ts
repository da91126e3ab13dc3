import { describe, expect, it } from 'vitest';
import { describeBusyness, isBusy } from './busyness.js';

const rounds = (...cores: number[]) =>
  new Map(cores.map((otherCores, index) => [`round ${index}`, { otherCores, stolenCores: 0 }]));

describe('isBusy', () => {
  it('lets the small things pass that every machine does', () =>
    expect(isBusy(rounds(0.02, 0.05))).toBe(false));
  it('sees a steady load', () => expect(isBusy(rounds(0.2, 0.2))).toBe(true));
  it('sees one disturbed round among many', () => expect(isBusy(rounds(0, 0, 0, 0, 0, 0.5))).toBe(true));
  it('counts what the hypervisor took', () => {
    expect(isBusy(new Map([['one', { otherCores: 0, stolenCores: 0.3 }]]))).toBe(true);
  });
});

it('says so', () => {
  expect(describeBusyness(rounds(1.5))).toMatch(/^BUSY MACHINE: other processes used 1.50/);
  expect(describeBusyness(rounds(0))).toMatch(/^quiet machine/);
});
