import { relative } from 'node:path';
import { repoRoot } from './home.js';
import type { PartStatus, StackStatus } from './status.js';

/** The parts as a table for people. */
export function partsTable(status: StackStatus): string {
  const head = ['part', 'state', 'pid', 'where', 'log'];
  const rows = status.parts.map((part) => [
    part.name,
    stateOf(part),
    part.pid === null ? '-' : String(part.pid),
    Object.entries(part.ports)
      .map(([purpose, port]) => `${purpose} :${port}`)
      .join('  '),
    shortPath(part.log),
  ]);
  return columns([head, ...rows]);
}

/** The addresses, and first calls to try. */
export function whereIsWhat(status: StackStatus): string {
  const rows = [
    ...status.databases.map(({ label, url }) => [`${label} database`, url]),
    ['RocketMQ proxy', status.rocketmqEndpoints],
    ...(status.namesrvAddr === '' ? [] : [['name server', status.namesrvAddr]]),
  ];
  const examples = status.examples.map((example) => `\n  ${example}`);
  return `${columns(rows)}${examples.length === 0 ? '' : `\n\ntry:${examples.join('')}`}`;
}

/** Seconds with one decimal. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function stateOf(part: PartStatus): string {
  if (part.pid === null) return 'stopped';
  return part.ready ? 'ready' : 'starting';
}

function shortPath(path: string): string {
  const fromRoot = relative(repoRoot, path);
  return fromRoot.startsWith('..') ? path : fromRoot;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
