import { expect, it } from 'vitest';
import { createPollPace, type PollResult } from './poll-pace.js';

const delays = (results: readonly PollResult[], random = () => 1) => {
  const pace = createPollPace({ minMs: 100, maxMs: 1_000 }, random);
  return results.map((result) => pace.after(result));
};

it('does not wait while there is more, and ever longer while there is nothing', () => {
  expect(delays(['more', 'more', 'work'])).toEqual([0, 0, 100]);
  expect(delays(['nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing'])).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  expect(delays(['nothing', 'nothing', 'work', 'nothing'])).toEqual([100, 200, 100, 200]);
});

it('backs off while faults go on, and forgets them with the first success', () => {
  expect(delays(['fault', 'fault', 'fault', 'more', 'fault'])).toEqual([100, 200, 400, 0, 100]);
});

it('takes off at most half', () => {
  expect(delays(['fault', 'nothing'], () => 0)).toEqual([50, 50]);
});

it('hurries when something is expected', () => {
  const pace = createPollPace({ minMs: 100, maxMs: 1_000 }, () => 1);
  pace.after('nothing');
  pace.after('nothing');
  pace.hurry();
  expect(pace.after('nothing')).toBe(100);
});
