import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.js';

describe('parseOptions', () => {
  it('runs everything but the profile by default', () => {
    const { quick, sections } = parseOptions([]);
    expect(quick).toBe(false);
    expect([...sections]).toEqual(['load', 'ghz', 'processes', 'tables', 'memory']);
  });
  it('takes options after the -- that npm hands over', () => {
    expect(parseOptions(['--', '--quick', '--rounds', '2'])).toMatchObject({ quick: true, rounds: 2 });
  });
  it('runs the named sections', () => {
    expect([...parseOptions(['--only', 'profile,load']).sections]).toEqual(['load', 'profile']);
  });
  it.each([['--only', 'lord'], ['--rounds', '0'], ['--rounds', 'x'], ['--fast']])(
    'refuses %s %s',
    (...args) => {
      expect(() => parseOptions(args.filter((arg) => arg !== undefined))).toThrow(TypeError);
    },
  );
});
