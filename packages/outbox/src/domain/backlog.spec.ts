import { describe, expect, it } from 'vitest';
import { type BacklogOptions, simulateBacklog } from '../test-support/simulate-backlog.js';

const MINUTE = 60_000;
const settings = { firstMs: 10_000, maxMs: 3_600_000, capacity: 300, probes: 1 };

/** Half as much again as the consumer can handle for five minutes, then two thirds of it. */
const overload = {
  ...settings,
  backlog: 0,
  gatheredMs: 0,
  arrivals: (timeMs) => (timeMs < 5 * MINUTE ? 450 : 200),
} satisfies Partial<BacklogOptions>;

/** Five minutes of orders, gathered while the consumer was away; then two thirds of what it can handle. */
const afterOutage = {
  ...settings,
  backlog: 60_000,
  gatheredMs: 5 * MINUTE,
  arrivals: () => 200,
} satisfies Partial<BacklogOptions>;

describe('a backlog under the lag rule', () => {
  it('of an overload drains as fast as it can, with next to nothing published again', () => {
    const result = simulateBacklog({ ...overload, lagRule: true, endMs: 20 * MINUTE });
    expect(result).toMatchObject({ unsettled: 0, left: 0 });
    // 45,000 too many after five minutes, and 100 a second to spare: 750 s at the least.
    expect(result.drainedMs).toBeLessThan(760_000);
    expect(result.republished).toBeLessThan(result.written / 100);
  });

  it('of an outage drains', () => {
    const result = simulateBacklog({ ...afterOutage, lagRule: true, endMs: 60 * MINUTE });
    expect(result.unsettled).toBe(0);
    expect(result.drainedMs).toBeDefined();
  });
});

describe('the same backlog without the lag rule', () => {
  it.each([
    { name: 'an overload', scenario: overload },
    { name: 'an outage', scenario: afterOutage },
  ])('of $name feeds on what is published again and never drains', ({ scenario }) => {
    const early = simulateBacklog({ ...scenario, lagRule: false, endMs: 8 * MINUTE });
    const late = simulateBacklog({ ...scenario, lagRule: false, endMs: 16 * MINUTE });
    expect(late.drainedMs).toBeUndefined();
    expect(late.left).toBeGreaterThan(1.5 * early.left);
    expect(late.unsettled).toBeGreaterThan(early.unsettled);
  });

  it('does so with a delay that is capped at a minute, too', () => {
    const result = simulateBacklog({ ...overload, maxMs: MINUTE, lagRule: false, endMs: 16 * MINUTE });
    expect(result.drainedMs).toBeUndefined();
    expect(result.left).toBeGreaterThan(10 * result.unsettled);
  });
});
