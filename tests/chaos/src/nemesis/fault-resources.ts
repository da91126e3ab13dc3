import type { FaultName, Topology } from './fault-kinds.js';

/** The part of a fault that decides what it needs for itself. */
export interface FaultScope {
  readonly kind: FaultName;
  readonly target: string;
}

/**
 * What a fault needs for itself while it lasts. Two faults never act on one process or one connection at the same time,
 * because undoing one would undo the other.
 */
export function faultResources({ kind, target }: FaultScope, topology: Topology): readonly string[] {
  if (kind === 'kill-everything') return processes(topology);
  if (kind === 'delayed-burst') return linksOf(topology, /^stock-svc-\d+→broker$/);
  if (kind === 'fence-race') return linksOf(topology, /^order-svc-\d+→(order-db|relay-\d+)$/);
  if (kind === 'check-thief') return linksOf(topology, /^order-svc-\d+→relay-0$/);
  if (kind === 'switch-order-db' || kind === 'switch-stock-db') {
    return [target, ...topology.links.filter((name) => name.endsWith(`→${target}`))];
  }
  if (kind === 'duplicates' || kind === 'stalled-callers' || kind === 'half-sent-messages') return [];
  // Nothing else touches the broker meanwhile, so the broker keeps what it has taken.
  if (kind.startsWith('poison-')) return ['namesrv', 'broker', 'proxy'];
  if (kind === 'lock-order-row' || kind === 'lock-stock-row') return [kind];
  if (kind === 'reset-message-offset' || kind === 'reset-result-offset') return [`offset of ${target}`];
  const service = /^(.+)-\*$/.exec(target)?.[1];
  return service === undefined
    ? [target]
    : processes(topology).filter((name) => name.startsWith(`${service}-`));
}

/** Names of all processes. */
export function processes(topology: Topology): string[] {
  return [...serviceNames(topology), 'namesrv', 'broker', 'proxy', 'order-db', 'stock-db'];
}

/** Names of all service processes. */
export function serviceNames({ orders, relays, stocks }: Topology): string[] {
  return (
    [
      ['order-svc', orders],
      ['relay', relays],
      ['stock-svc', stocks],
    ] as const
  ).flatMap(([service, count]) => Array.from({ length: count }, (_, i) => `${service}-${i}`));
}

function linksOf({ links }: Topology, pattern: RegExp): string[] {
  return links.filter((name) => pattern.test(name));
}
