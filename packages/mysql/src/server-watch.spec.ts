import { expect, it } from 'vitest';
import { createServerWatch } from './server-watch.js';

function watch() {
  let now = 0;
  const told: string[] = [];
  const { saw } = createServerWatch({
    onOther: () => told.push('other'),
    onNew: (server, before) => told.push(`${before} to ${server}`),
    now: () => now,
  });
  return { saw, told, pass: (ms: number) => (now += ms) };
}

it('tells of each change, and names a server that is new', () => {
  const { saw, told } = watch();
  for (const server of ['a', 'a', 'b', 'b']) saw(server);
  expect(told).toEqual(['other', 'a to b']);
});

it('names the servers behind a balancer once, and retires at each change', () => {
  const { saw, told, pass } = watch();
  for (const server of ['a', 'b', 'c', 'a', 'b', 'c', 'a']) {
    pass(5_000);
    saw(server);
  }
  expect(told.filter((line) => line === 'other')).toHaveLength(6);
  expect(told.filter((line) => line !== 'other')).toEqual(['a to b', 'b to c']);
});

it('names a server again that was away for more than a minute', () => {
  const { saw, told, pass } = watch();
  saw('a');
  saw('b');
  pass(61_000);
  saw('a');
  expect(told).toEqual(['other', 'a to b', 'other', 'b to a']);
});
