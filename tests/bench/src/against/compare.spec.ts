import { describe, expect, it } from 'vitest';
import { compareRow, type SideRounds } from './compare.js';

const NOISE = [0.98, 1.01, 1, 1.02, 0.99, 1, 1.01, 0.99, 1.02, 0.98];

/** Ten rounds of two cells. The other side does 100 orders/s at 200 µs; these factors apply to this side. */
function measured({ rate = 1, cpu = 1, controlCpu = 1 }): SideRounds {
  const cells = (rateFactor: number, cpuFactor: number, shift: number) =>
    NOISE.map((_, round) => {
      const noise = NOISE[(round + shift) % NOISE.length] ?? 1;
      const figures = {
        settled: 100 * rateFactor * noise,
        'cpu all': 200 * cpuFactor * noise,
        'cpu relay': 0,
      };
      return [figures, figures];
    });
  return { this: cells(rate, cpu, 1), other: cells(1, 1, 0), control: cells(1, controlCpu, 3) };
}

const verdicts = (rounds: SideRounds) =>
  Object.fromEntries(compareRow('64', rounds).map(({ figure, level }) => [figure, level]));

describe('compareRow', () => {
  it('finds equal sides level', () => {
    expect(verdicts(measured({}))).toEqual({ settled: true, 'cpu all': true });
  });
  it('finds a rate that is wholly below 0.97', () => {
    expect(verdicts(measured({ rate: 0.9 }))).toEqual({ settled: false, 'cpu all': true });
  });
  it('finds CPU that is wholly above 1.03', () => {
    expect(verdicts(measured({ cpu: 1.1 }))).toEqual({ settled: true, 'cpu all': false });
  });
  it('lets pass what is better, and what an interval does not rule out', () => {
    expect(verdicts(measured({ rate: 1.5, cpu: 0.5 }))).toEqual({ settled: true, 'cpu all': true });
    expect(verdicts(measured({ rate: 0.965, cpu: 1.035 }))).toEqual({ settled: true, 'cpu all': true });
  });
  it('judges the control by the same rule', () => {
    const [, cpu] = compareRow('64', measured({ controlCpu: 1.2 }));
    expect(cpu).toMatchObject({ level: true, controlLevel: false });
    expect(cpu?.control.ratio).toBeCloseTo(1.2, 1);
  });
  it('takes the geometric mean of the two cells of a round', () => {
    const rounds = (cells: number[]) => [0, 1].map(() => cells.map((settled) => ({ settled })));
    const [rate] = compareRow('1', {
      this: rounds([50, 200]),
      other: rounds([100, 100]),
      control: rounds([100, 100]),
    });
    expect(rate?.ratio.ratio).toBeCloseTo(1, 12);
    expect(rate?.this).toBeCloseTo(100, 10);
  });
  it('refuses a rate of 0, and leaves out a process that used no CPU', () => {
    const rounds = (settled: number) => [0, 1].map(() => [{ settled, 'cpu relay': settled }]);
    expect(() => compareRow('1', { this: rounds(0), other: rounds(1), control: rounds(1) })).toThrow(
      RangeError,
    );
    expect(compareRow('64', measured({})).map(({ figure }) => figure)).toEqual(['settled', 'cpu all']);
  });
  it.each([undefined, Number.NaN])('refuses a figure that decides when it is %s in one cell', (missing) => {
    for (const side of ['this', 'other', 'control'] as const) {
      const rounds = measured({});
      const spoilt = rounds[side].map((cells, round) =>
        cells.map((figures, cell) => (round + cell === 3 ? { ...figures, 'cpu all': missing } : figures)),
      ) as unknown as SideRounds[typeof side];
      expect(() => compareRow('64', { ...rounds, [side]: spoilt })).toThrow(RangeError);
    }
  });
  it('refuses a figure that decides when a side has none', () => {
    expect(() => compareRow('64', { ...measured({}), control: [[{}], [{}]] })).toThrow(RangeError);
  });
  it('shows the times of an order that is alone without a verdict', () => {
    const rounds = (ms: number) => [0, 1].map(() => [{ 'submit p50': ms }]);
    const [time] = compareRow('latency', { this: rounds(8), other: rounds(4), control: rounds(4) });
    expect(time).toMatchObject({ figure: 'submit p50', level: undefined });
    expect(time?.this).toBeCloseTo(8, 10);
    expect(time?.ratio.ratio).toBeCloseTo(2, 12);
  });
});
