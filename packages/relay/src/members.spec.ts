import { expect, it } from 'vitest';
import { createMembers } from './members.js';

function setUp() {
  const told: string[] = [];
  const held = new Map<string, () => void>();
  const members = createMembers<string[], string>({
    open(name, spec) {
      told.push(`open ${name}`);
      return `${name}:${spec.join()}`;
    },
    close(member) {
      told.push(`close ${member}`);
      return new Promise((resolve) => held.set(member, resolve));
    },
  });
  const update = (specs: Record<string, string[]>) => members.update(new Map(Object.entries(specs)));
  return { told, held, members, update };
}

it('opens what is new, closes what is gone, and leaves alone what stays', () => {
  const { told, members, update } = setUp();
  update({ a: ['1'], b: ['2'] });
  update({ b: ['2'], c: ['3'] });
  expect(told).toEqual(['open a', 'open b', 'close a:1', 'open c']);
  expect([...members.current]).toEqual([
    ['b', 'b:2'],
    ['c', 'c:3'],
  ]);
});

it('opens again what has another spec, without waiting for the end of the old one', async () => {
  const { told, held, members, update } = setUp();
  update({ a: ['1'] });
  update({ a: ['2'] });
  expect(told).toEqual(['open a', 'close a:1', 'open a']);
  expect([...members.current.values()]).toEqual(['a:2']);
  let settled = false;
  const settling = members.settled().then(() => {
    settled = true;
  });
  await Promise.resolve();
  expect(settled).toBe(false);
  held.get('a:1')?.();
  await settling;
});
