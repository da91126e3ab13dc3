import { armFailpoints, FailpointError, failpoint } from '@txmsg/core';
import { afterEach, describe, expect, it } from 'vitest';
import { failpoints } from './failpoints.js';
import { loadConfig } from './load-config.js';

const settings = {
  failpoints: failpoints({ env: 'TXMSG_FAILPOINTS', default: '', description: 'For crash tests only.' }),
};

function parse(text: string) {
  return loadConfig(settings, { TXMSG_FAILPOINTS: text }).failpoints;
}

afterEach(() => armFailpoints([]));

describe('failpoint', () => {
  it('does nothing when none is armed', () => {
    expect(parse('')).toEqual([]);
    expect(failpoint('a')).toBeUndefined();
  });

  it('acts at its own name only, each time', () => {
    const reached: string[] = [];
    armFailpoints(parse('a.b=error'), (name) => reached.push(name));
    expect(failpoint('other')).toBeUndefined();
    expect(() => failpoint('a.b')).toThrow(FailpointError);
    expect(() => failpoint('a.b')).toThrow(FailpointError);
    expect(reached).toEqual(['a.b', 'a.b']);
  });

  it('acts at the n-th passage only', () => {
    armFailpoints(parse('a=error@2'));
    expect(failpoint('a')).toBeUndefined();
    expect(() => failpoint('a')).toThrow(FailpointError);
    expect(failpoint('a')).toBeUndefined();
  });

  it('pauses and goes on', async () => {
    const started = performance.now();
    armFailpoints(parse('a=pause:30'));
    await failpoint('a');
    expect(performance.now() - started).toBeGreaterThanOrEqual(25);
  });

  it('takes several', () => {
    expect(parse('a=exit,b=pause@3,c=pause:5').map(({ name, nth }) => [name, nth])).toEqual([
      ['a', undefined],
      ['b', 3],
      ['c', undefined],
    ]);
  });

  it.each(['a', 'a=', 'a=stop', 'a=pause:x', 'a=error@0', 'A=exit'])('refuses %s', (text) => {
    expect(() => parse(text)).toThrow('TXMSG_FAILPOINTS');
  });
});
