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

it('tells of a switch there, back and there again within a minute', () => {
  const { saw, told, pass } = watch();
  for (const server of ['a', 'b', 'a', 'b']) {
    pass(5_000);
    saw(server);
  }
  expect(told).toEqual(['other', 'a to b', 'other', 'other']);
});

it('names the servers behind a balancer once, and is no more disturbed by their changes', () => {
  const { saw, told, pass } = watch();
  const turns = (servers: readonly string[]) => {
    for (const server of servers) {
      pass(5_000);
      saw(server);
    }
  };
  turns(['a', 'b', 'c', 'a', 'b']);
  expect(told).toEqual(['other', 'a to b', 'other', 'b to c', 'other', 'other']);
  told.length = 0;
  turns(['c', 'a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c']);
  expect(told).toEqual([]);
});

it('tells of the last change when one server stays alone after many', () => {
  const { saw, told, pass } = watch();
  for (const server of ['a', 'b', 'a', 'b', 'a']) {
    pass(5_000);
    saw(server);
  }
  told.length = 0;
  for (let seen = 0; seen < 30; seen += 1) {
    pass(5_000);
    saw('a');
  }
  expect(told).toEqual(['other']);
});

it('names a server again that was away for more than a minute', () => {
  const { saw, told, pass } = watch();
  saw('a');
  saw('b');
  pass(61_000);
  saw('a');
  expect(told).toEqual(['other', 'a to b', 'other', 'b to a']);
});
