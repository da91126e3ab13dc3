import { describe, expect, it } from 'vitest';
import { FAULT_NAMES, type Topology } from './fault-kinds.js';
import { faultResources, processes } from './fault-resources.js';
import { planFaults } from './plan-faults.js';

const topology: Topology = {
  orders: 2,
  relays: 2,
  stocks: 2,
  links: [
    'client→order-svc-0',
    'order-svc-0→order-db',
    'order-svc-0→relay-1',
    'relay-0→broker',
    'stock-svc-0→broker',
    'stock-svc-1→broker',
    'stock-svc-1→stock-db',
  ],
};
const plan = (seed: number, minutes: number) => planFaults({ seed, totalMs: minutes * 60_000, topology });

describe('planFaults', () => {
  it('gives the same plan for the same seed, and another for another', () => {
    expect(plan(42, 20)).toEqual(plan(42, 20));
    expect(plan(42, 20)).not.toEqual(plan(43, 20));
  });

  it('has every kind in two minutes, whatever the seed', () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const kinds = new Set(plan(seed, 2).map(({ kind }) => kind));
      expect(FAULT_NAMES.filter((kind) => !kinds.has(kind))).toEqual([]);
    }
  });

  it('has nothing but the kinds that are chosen, and each of them', () => {
    const kinds = ['poison-size', 'lock-stock-row'] as const;
    const faults = planFaults({ seed: 1, totalMs: 60_000, topology, kinds });
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(kinds));
  });

  it('has every kind many times in twenty minutes, and several at once', () => {
    const faults = plan(7, 20);
    for (const kind of FAULT_NAMES) {
      expect(faults.filter((fault) => fault.kind === kind).length, kind).toBeGreaterThanOrEqual(5);
    }
    const overlaps = faults.filter((fault, i) => {
      const next = faults[i + 1];
      return next !== undefined && next.startMs < fault.startMs + fault.durationMs;
    });
    expect(overlaps.length).toBeGreaterThan(20);
  });

  it.each([0.1, 0.5, 2, 20])('keeps within %d minutes and starts calmly', (minutes) => {
    for (let seed = 0; seed < 50; seed += 1) {
      const faults = plan(seed, minutes);
      expect(faults.length).toBeGreaterThan(0);
      for (const { startMs, durationMs } of faults) {
        expect(startMs).toBeGreaterThanOrEqual(Math.min(3_000, minutes * 15_000));
        expect(startMs + durationMs).toBeLessThanOrEqual(minutes * 60_000);
      }
    }
  });

  it('numbers faults once each and starts them in order', () => {
    const faults = plan(3, 20);
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
    expect(faults.map(({ startMs }) => startMs)).toEqual(
      faults.map(({ startMs }) => startMs).toSorted((a, b) => a - b),
    );
  });

  it('strikes single replicas and all of them', () => {
    const targets = new Set(plan(7, 60).map(({ kind, target }) => `${kind} ${target}`));
    for (const target of ['relay-0', 'relay-1', 'relay-*']) expect(targets).toContain(`kill-relay ${target}`);
  });
});

describe('faultResources', () => {
  it('names what a fault needs for itself', () => {
    const needs = (kind: Parameters<typeof faultResources>[0]['kind'], target: string) =>
      faultResources({ kind, target }, topology);
    expect(needs('kill-relay', 'relay-1')).toEqual(['relay-1']);
    expect(needs('pause-relay', 'relay-*')).toEqual(['relay-0', 'relay-1']);
    expect(needs('kill-everything', 'everything')).toEqual(processes(topology));
    expect(needs('cut-link', 'relay-0→broker')).toEqual(['relay-0→broker']);
    expect(needs('delayed-burst', 'messages')).toEqual(['stock-svc-0→broker', 'stock-svc-1→broker']);
    expect(needs('fence-race', 'order-svc')).toEqual(['order-svc-0→order-db', 'order-svc-0→relay-1']);
    expect(needs('duplicates', 'messages')).toEqual([]);
    expect(needs('switch-stock-db', 'stock-db')).toEqual(['stock-db', 'stock-svc-1→stock-db']);
    expect(needs('fail-commits-order-db', 'order-svc-0→order-db')).toEqual(['order-svc-0→order-db']);
    expect(needs('lock-stock-row', 'stock')).toEqual(['lock-stock-row']);
    expect(needs('poison-size', 'messages')).toEqual(['namesrv', 'broker', 'proxy']);
    expect(needs('stalled-callers', 'order-svc-0')).toEqual([]);
  });
});
