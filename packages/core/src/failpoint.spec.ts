import { afterEach, expect, it } from 'vitest';
import { armFailpoints, FailpointError, failpoint } from './failpoint.js';

afterEach(() => armFailpoints([]));

it('acts at its own name and passage only, and tells of it', () => {
  const reached: string[] = [];
  const act = () => {
    throw new FailpointError('a.b');
  };
  armFailpoints([{ name: 'a.b', nth: 2, act }], (name) => reached.push(name));
  expect(failpoint('other')).toBeUndefined();
  expect(failpoint('a.b')).toBeUndefined();
  expect(() => failpoint('a.b')).toThrow(FailpointError);
  expect(failpoint('a.b')).toBeUndefined();
  expect(reached).toEqual(['a.b']);
});

it('does nothing once it is disarmed', () => {
  armFailpoints([{ name: 'a', act: () => Promise.reject(new Error('reached')) }]);
  armFailpoints([]);
  expect(failpoint('a')).toBeUndefined();
});
