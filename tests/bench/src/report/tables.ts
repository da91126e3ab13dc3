import { CALLERS } from '../plan.js';
import { BROKER_JIT } from '../sections/measure-orders.js';
import type { RoundResults } from '../stats/round-results.js';
import { PROCESS_NAMES } from '../system/bench-stack.js';
import type { TargetResult } from '../targets.js';
import { formatNumber, formatSpread, formatTable } from './format-table.js';

/** A part of the report: a title and rows. The first row names the columns. */
export interface ReportTable {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** All tables of a run that have a figure. */
export function reportTables(
  results: RoundResults,
  targets: Readonly<Record<string, TargetResult>>,
): ReportTable[] {
  return [
    ratesTable(results),
    cpuTable(results),
    latencyTable(results),
    limitsTable(results),
    memoryTable(results),
    targetsTable(targets),
  ].filter(({ rows }) => rows.length > 1);
}

/** The tables as text. */
export function printTables(tables: readonly ReportTable[]): string {
  return tables.map(({ title, rows }) => `${title}\n\n${formatTable(rows)}\n`).join('\n');
}

/** Cells that place orders, in the order of the report, with their names for people. */
function orderCells(results: RoundResults): readonly (readonly [cell: string, label: string])[] {
  const cells: (readonly [string, string])[] = [
    ...CALLERS.map((callers) => [`hot ${callers}`, `hot product, ${callers} callers`] as const),
    ...CALLERS.map((callers) => [`many ${callers}`, `1,000 products, ${callers} callers`] as const),
    ['hot bulk', 'hot product, bulk stream'],
    ['hot bulk ones', 'hot product, bulk stream, one order per message'],
    ['many bulk', '1,000 products, bulk stream'],
    ['singles 64', 'groups of one, 64 callers'],
    ['ghz hot 256', 'ghz, hot product, 256 callers'],
    ['ghz hot 1024', 'ghz, hot product, 1024 callers'],
    ...[1, 2, 4].map((count) => [`${count} order-svc`, `${count} order-svc, 256 callers`] as const),
    ['small tables', 'ten products, empty logs, 256 callers'],
    ['large stock table', 'large stock table, orders over all of it'],
    ['large stock table, ten products', 'large stock table, orders over ten products'],
    ['large logs', 'ten products, large logs'],
    ['memory orders', 'bulk stream, the long run for memory'],
  ];
  return cells.filter(([cell]) => results.spread(cell, 'accepted'));
}

function ratesTable(results: RoundResults): ReportTable {
  const empty = [...CALLERS.map((callers) => `empty ${callers}`), 'ghz empty 256', 'ghz empty 1024'];
  const row = (cell: string, label: string) => [
    label,
    formatSpread(results.spread(cell, 'accepted')),
    formatSpread(results.spread(cell, 'settled')),
    formatNumber(results.spread(cell, 'p50')?.median),
    formatNumber(results.spread(cell, 'p99')?.median),
    formatNumber(results.spread(cell, 'groupSize')?.median),
  ];
  return {
    title: 'Orders per second: median (lowest–highest round); milliseconds per call; orders per group',
    rows: [
      ['', 'accepted/s', 'settled/s', 'p50 ms', 'p99 ms', 'group'],
      ...orderCells(results).map(([cell, label]) => row(cell, label)),
      ...empty
        .filter((cell) => results.spread(cell, 'accepted'))
        .map((cell) => row(cell, `${cell.replace('empty', 'empty grpc-js method,')} callers`)),
    ],
  };
}

function cpuTable(results: RoundResults): ReportTable {
  return {
    title:
      'CPU per order in microseconds, until it is settled (JIT: the broker’s compiler, part of the broker; load: the generator, not in the sum)',
    rows: [
      ['', ...PROCESS_NAMES, 'sum', 'JIT', 'load'],
      ...orderCells(results).map(([cell, label]) => [
        label,
        ...[...PROCESS_NAMES, 'all', BROKER_JIT, 'load'].map((name) =>
          formatNumber(results.spread(cell, `cpu ${name}`)?.median),
        ),
      ]),
    ],
  };
}

function latencyTable(results: RoundResults): ReportTable {
  const rows = [
    ['submit', 'SubmitOrder'],
    ['plain transaction', 'plain local transaction by mysql2'],
    ['empty', 'empty grpc-js method'],
    ['stock taken', 'submit → stock taken'],
    ['settled', 'submit → settled'],
  ] as const;
  return {
    title: 'One order at a time, milliseconds: median (lowest–highest round)',
    rows: [
      ['', 'p50', 'p99'],
      ...rows
        .filter(([name]) => results.spread('one at a time', `${name} p50`))
        .map(([name, label]) => [
          label,
          formatSpread(results.spread('one at a time', `${name} p50`)),
          formatSpread(results.spread('one at a time', `${name} p99`)),
        ]),
    ],
  };
}

function limitsTable(results: RoundResults): ReportTable {
  const cells = results.cells.filter(
    (cell) => results.spread(cell, 'orders') && results.spread(cell, 'groups'),
  );
  return {
    title:
      'Limits in the same run: the same rows by plain mysql2, the same messages by the broker adapter alone',
    rows: [
      ['', 'orders/s', 'groups/s', 'group', 'p50 ms'],
      ...cells.map((cell) => [
        cell,
        formatSpread(results.spread(cell, 'orders')),
        ...['groups', 'groupSize', 'p50'].map((name) => formatNumber(results.spread(cell, name)?.median)),
      ]),
    ],
  };
}

function memoryTable(results: RoundResults): ReportTable {
  const cells = [
    ['at rest', 'at rest, before the first order'],
    ['hot 1024', 'under load, 1024 callers'],
    ['hot bulk', 'under load, bulk stream'],
  ] as const;
  const resident = cells
    .filter(([cell]) => results.spread(cell, 'memory order-svc'))
    .map(([cell, label]) => [
      label,
      ...PROCESS_NAMES.map((name) => formatNumber(results.spread(cell, `memory ${name}`)?.max)),
    ]);
  const heap = (name: 'before' | 'after', label: string) => [
    label,
    ...PROCESS_NAMES.map((service) => formatNumber(results.spread(`heap ${service}`, name)?.median)),
  ];
  const orders = formatNumber(results.spread('memory orders', 'orders')?.median);
  const heaps =
    orders === '-' ? [] : [heap('before', `heap before ${orders} orders`), heap('after', 'heap after them')];
  return { title: 'Memory in MiB', rows: [['', ...PROCESS_NAMES], ...resident, ...heaps] };
}

function targetsTable(targets: Readonly<Record<string, TargetResult>>): ReportTable {
  return {
    title: 'Targets',
    rows: [
      ['', 'target', 'measured', 'met'],
      ...Object.entries(targets).map(([name, { target, measured, met, min, max }]) => [
        name,
        target,
        measured === null || min === undefined || max === undefined
          ? 'not measured'
          : formatSpread({ median: measured, min, max }),
        met ? 'yes' : 'NO',
      ]),
    ],
  };
}
