import { describe, expect, it } from 'vitest';
import { type Disposition, dispositionsOf, freshOf, type GroupFacts } from './decide-group.js';
import { APPLIED, type CarriedTransaction, type Decision, type RecordedTransaction } from './transaction.js';

const insufficient: Decision = { outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' };
const contentOf = ({ message }: { message: unknown }) => String(message);

function tx(txNo: string, content: string, createTimeMs = 1_000, participant = ''): CarriedTransaction {
  return { participant, transaction: { txNo, createTimeMs, type: 'Take', message: content } };
}

function record(txNo: string, content: string, overrides: Partial<RecordedTransaction> = {}) {
  return { txNo, content, createTimeMs: 1_000, participant: '', type: 'Take', ...APPLIED, ...overrides };
}

function facts(...records: RecordedTransaction[]): GroupFacts {
  return { recorded: new Map(records.map((one) => [one.txNo, one])), floorMs: 0 };
}

/** Decides a group: `decisions` of the fresh ones in their order, or all of them applied. */
function decideGroup(
  group: readonly CarriedTransaction[],
  known: GroupFacts,
  decisions?: readonly Decision[],
): { dispositions: Disposition[]; fresh: string[]; participants: string[] } {
  const fresh = freshOf(group, known);
  const decided = decisions ?? fresh.list.map(() => APPLIED);
  return {
    dispositions: dispositionsOf(group, known, fresh, decided, contentOf),
    fresh: fresh.list.map(({ txNo }) => txNo),
    participants: fresh.list.map(({ participant }) => participant),
  };
}

describe('decideGroup', () => {
  it('gives each transaction its own decision, in the order of arrival', () => {
    const group = [tx('a', '6'), tx('b', '5'), tx('c', '4')];
    const { dispositions, fresh } = decideGroup(group, facts(), [APPLIED, insufficient, APPLIED]);
    expect(fresh).toEqual(['a', 'b', 'c']);
    expect(dispositions).toEqual([
      { kind: 'decided', decision: APPLIED },
      { kind: 'decided', decision: insufficient },
      { kind: 'decided', decision: APPLIED },
    ]);
  });

  it('answers a duplicate with the decision on record, and nobody decides it again', () => {
    const known = facts(record('a', '2', insufficient));
    expect(decideGroup([tx('a', '2', 5_000)], known)).toMatchObject({
      dispositions: [{ kind: 'duplicate', decision: insufficient }],
      fresh: [],
    });
  });

  it('tells other content of the same txNo', () => {
    expect(decideGroup([tx('a', '3')], facts(record('a', '2')))).toMatchObject({
      dispositions: [{ kind: 'mismatch', decision: APPLIED }],
      fresh: [],
    });
  });

  it.each([
    ['Take', 'duplicate'],
    ['', 'duplicate'],
    ['Ship', 'mismatch'],
  ])('answers about a record of type "%s" with: %s', (type, kind) => {
    expect(decideGroup([tx('a', '2')], facts(record('a', '2', { type }))).dispositions[0]?.kind).toBe(kind);
  });

  it('lets what was dropped stand for any content', () => {
    const dropped = record('a', '', { outcome: 'REJECTED', reason: 'DROPPED', type: '' });
    expect(decideGroup([tx('a', '2')], facts(dropped)).dispositions[0]?.kind).toBe('duplicate');
  });

  it('decides the same txNo once within a group, and tells its other content', () => {
    const { dispositions, fresh } = decideGroup([tx('a', '2'), tx('a', '2'), tx('a', '3')], facts());
    expect(dispositions.map(({ kind }) => kind)).toEqual(['decided', 'duplicate', 'mismatch']);
    expect(fresh).toEqual(['a']);
  });

  it.each([
    ['shop', 'order-svc', 'other-participant'],
    ['shop', 'shop', 'duplicate'],
    ['', 'order-svc', 'duplicate'],
    ['order-svc', '', 'duplicate'],
  ])('answers "%s" about a record of "%s" with: %s', (asking, participant, kind) => {
    const known = facts(record('a', '2', { participant }));
    expect(decideGroup([tx('a', '2', 1_000, asking)], known)).toMatchObject({
      dispositions: [{ kind }],
      fresh: [],
    });
  });

  it('tells equal txNos of two participants within a group apart', () => {
    const group = [tx('a', '2', 1_000, 'order-svc'), tx('a', '2', 1_000, 'shop')];
    const { dispositions, fresh, participants } = decideGroup(group, facts());
    expect(dispositions[1]).toEqual({ kind: 'other-participant', owner: 'order-svc' });
    expect([fresh, participants]).toEqual([['a'], ['order-svc']]);
  });

  it('keeps abc and ABC apart', () => {
    expect(decideGroup([tx('abc', '2'), tx('ABC', '3')], facts()).fresh).toEqual(['abc', 'ABC']);
  });

  it('never applies what is below the floor, but knows it while it is on record', () => {
    const known = { ...facts(record('b', '1')), floorMs: 100 };
    const group = [tx('a', '1', 99), tx('b', '1', 10), tx('c', '1', 100)];
    const { dispositions, fresh } = decideGroup(group, known);
    expect(dispositions.map(({ kind }) => kind)).toEqual(['below-floor', 'duplicate', 'decided']);
    expect(fresh).toEqual(['c']);
  });

  it('below the floor and above it in one group: each occurrence is judged when it comes', () => {
    const group = [tx('a', '1', 99), tx('a', '1', 100), tx('a', '1', 99), tx('b', '1', 100)];
    const { dispositions, fresh } = decideGroup(group, { ...facts(), floorMs: 100 }, [APPLIED, insufficient]);
    expect(dispositions.map(({ kind }) => kind)).toEqual(['below-floor', 'decided', 'duplicate', 'decided']);
    expect(dispositions[3]).toEqual({ kind: 'decided', decision: insufficient });
    expect(fresh).toEqual(['a', 'b']);
  });
});
