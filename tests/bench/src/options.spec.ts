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
  it('compares with another checkout: all rows, or those named, in their order', () => {
    expect(parseOptions(['--against', '/there']).against).toEqual({
      dir: '/there',
      rows: ['1', '16', '64', '256', '1024', 'bulk', 'latency'],
    });
    expect(parseOptions(['--against', '/there', '--only', 'bulk,64']).against?.rows).toEqual(['64', 'bulk']);
  });
  it.each([['--only', 'load'], ['--rounds', '1'], ['--chart']])('refuses %s %s with --against', (...args) => {
    expect(() => parseOptions(['--against', '/there', ...args])).toThrow(TypeError);
  });
  it.each([['--only', 'lord'], ['--rounds', '0'], ['--rounds', 'x'], ['--fast']])(
    'refuses %s %s',
    (...args) => {
      expect(() => parseOptions(args.filter((arg) => arg !== undefined))).toThrow(TypeError);
    },
  );
});
