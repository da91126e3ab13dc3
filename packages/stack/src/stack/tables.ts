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

/** The addresses, and a call to begin with. */
export function whereIsWhat(status: StackStatus): string {
  const grpc = (name: string): number => status.parts.find((part) => part.name === name)?.ports.grpc ?? 0;
  const rows = [
    ['orders database', status.orderDbUrl],
    ['stock database', status.stockDbUrl],
    ['RocketMQ proxy', status.rocketmqEndpoints],
    ...(status.namesrvAddr === '' ? [] : [['name server', status.namesrvAddr]]),
  ];
  const order = `grpcurl -plaintext -d '{"product_id":1,"pay_count":2}' localhost:${grpc('order-svc')} txmsg.order.v1.OrderService/SubmitOrder`;
  const stock = `grpcurl -plaintext -d '{"tx_no":"…"}' localhost:${grpc('stock-svc')} txmsg.stock.v1.StockService/GetStockTransaction`;
  return `${columns(rows)}\n\ntry:\n  ${order}\n  ${stock}`;
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
