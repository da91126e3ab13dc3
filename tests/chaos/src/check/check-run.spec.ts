import { describe, expect, it } from 'vitest';
import { ANSWER_BREACHES } from '../test-support/breaches-of-answers.js';
import { STOCK_BREACHES } from '../test-support/breaches-of-stock.js';
import { STRANGER_BREACHES } from '../test-support/breaches-of-strangers.js';
import { failed, goodRun, type RunFixture } from '../test-support/good-run.js';
import { checkRun } from './check-run.js';

const BREACHES = [...STOCK_BREACHES, ...ANSWER_BREACHES, ...STRANGER_BREACHES];
const check = ({ history, orderDump, stockDump }: RunFixture) => checkRun(history, orderDump, stockDump);

describe('checkRun', () => {
  it('finds nothing wrong with a good run', () => {
    const { violations, gaps, defects } = check(goodRun());
    expect(violations).toEqual([]);
    expect(gaps).toEqual([]);
    expect(defects).toEqual([]);
  });

  it.each(BREACHES)('%s: %s', (invariant, _name, breakRun) => {
    const run = goodRun();
    breakRun(run);
    const { violations } = check(run);
    expect(violations.length, 'violations').toBeGreaterThan(0);
    expect([...new Set(violations.map((violation) => violation.invariant))]).toEqual([invariant]);
    expect(Object.keys(violations[0]?.evidence ?? {}).length).toBeGreaterThan(0);
  });

  it('covers all invariants', () => {
    expect(new Set(BREACHES.map(([invariant]) => invariant)).size).toBe(8);
  });

  it('names a process that had too much memory in one of its lives, and the figure', () => {
    const run = goodRun();
    run.history.push({ type: 'memory', atMs: 200, process: 'relay-0', pid: 73, peakBytes: 731.4e6 });
    run.history.push({ type: 'memory', atMs: 300, process: 'relay-0', pid: 74, peakBytes: 120e6 });
    expect(check(run).defects).toEqual([
      'relay-0 (pid 73) had 731 MB of resident memory, at most 600 MB are allowed',
    ]);
    expect(check(run).violations).toEqual([]);
  });

  it('names a code that no fault explains', () => {
    const run = goodRun();
    run.history.push(failed('abc', 1, 3, 'INTERNAL'));
    expect(check(run).defects).toEqual(['SubmitOrder was answered INTERNAL 1 times']);
  });

  it('accepts that what a stranger published is gone with the data of the broker', () => {
    const run = goodRun();
    run.stockDump.deadLetters.splice(0);
    expect(check(run).violations).toHaveLength(1);
    const fault = { type: 'fault', phase: 'begin', atMs: 150, id: 2, target: 'broker' } as const;
    run.history.push({ ...fault, kind: 'delete-broker-data' });
    expect(check(run).violations).toEqual([]);
  });

  it('counts calls, faults, messages and duplicates', () => {
    const { counts } = check(goodRun()).facts;
    expect(counts.calls.get('SubmitOrder OK')).toBe(6);
    expect(counts.calls.get('SubmitOrder ALREADY_EXISTS')).toBe(1);
    expect(counts.calls.get('CheckTransaction OK')).toBe(5);
    expect(counts.faults).toEqual(new Map([['kill-relay', 1]]));
    expect(counts).toMatchObject({ messages: 2, duplicates: 2, decidedVerdicts: 3, crashes: 0 });
  });

  it('accepts a read that began before the answer', () => {
    const run = goodRun();
    run.history.push({ type: 'read', replica: 0, txNo: 'abc', startMs: 90, endMs: 91, code: 'NOT_FOUND' });
    expect(check(run).violations).toEqual([]);
  });

  it.each([
    ['no fault was injected', (run: RunFixture) => dropEvents(run, 'fault')],
    ['no verdict was seen', (run: RunFixture) => dropEvents(run, 'verdict')],
    ['no message was seen on the broker', (run: RunFixture) => dropEvents(run, 'delivery')],
  ])('says that a run proves nothing: %s', (gap, breakRun) => {
    const run = goodRun();
    breakRun(run);
    expect(check(run).gaps).toEqual([gap]);
  });

  it('says of an empty run that it proves nothing', () => {
    const empty = checkRun([], { orders: [], outbox: [], groups: [] }, emptyStock);
    expect(empty.gaps.length).toBeGreaterThan(5);
  });
});

const emptyStock = { stock: [], changes: [], inbox: [], deadLetters: [] };

function dropEvents(run: RunFixture, type: string): void {
  const kept = run.history.filter((event) => event.type !== type);
  run.history.splice(0, run.history.length, ...kept);
}
