import { CALLERS } from '../plan.js';
import type { RoundResults } from '../stats/round-results.js';
import { PROCESS_NAMES } from '../system/bench-stack.js';
import type { BarChart } from './chart.js';

/** The charts of the README. */
export function benchCharts(results: RoundResults): BarChart[] {
  const rate = (cell: string, name: string) => results.spread(cell, name)?.median;
  return [
    {
      title: 'Orders settled from end to end, one hot product',
      unit: 'per s',
      series: ['settled orders', 'empty grpc-js method, same generator', 'groups of one'],
      groups: CALLERS.map((callers) => ({
        label: `${callers} ${callers === 1 ? 'caller' : 'callers'}`,
        values: [
          rate(`hot ${callers}`, 'settled'),
          rate(`empty ${callers}`, 'accepted'),
          rate(`singles ${callers}`, 'settled'),
        ],
      })),
    },
    {
      title: 'CPU per order, all processes',
      unit: 'µs',
      series: PROCESS_NAMES,
      stacked: true,
      groups: ['hot 64', 'hot 256', 'hot 1024', 'hot bulk', 'singles 64'].map((cell) => ({
        label: cell
          .replace('hot bulk', 'bulk')
          .replace('hot', 'groups,')
          .replace('singles', 'groups of one,'),
        values: PROCESS_NAMES.map((name) => rate(cell, `cpu ${name}`)),
      })),
    },
  ];
}
