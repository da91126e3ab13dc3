/** The system as far as faults must know it. */
export interface Topology {
  readonly orders: number;
  readonly relays: number;
  readonly stocks: number;
  /** Names of the connections that can be cut, such as `relay-0→broker`. */
  readonly links: readonly string[];
}

type Range = readonly [min: number, max: number];

/** A kind of fault, and what it may do. */
export interface FaultKind {
  /** Possible targets; `order-svc-*` is every replica at the same moment. */
  readonly targets: (topology: Topology) => readonly string[];
  /** How long it lasts, in milliseconds. */
  readonly durationMs: Range;
  /** Its amount; each kind says of what. */
  readonly amount?: Range;
}

const replicas = (service: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${service}-${i}`);
/** Single replicas three times as often as all of them. */
const someOrAll = (service: string, count: number) => {
  const each = replicas(service, count);
  return [...each, ...each, ...each, ...each.slice(0, 1).map(() => `${service}-*`), `${service}-*`];
};
const eachOrder = ({ orders: count }: Topology) => replicas('order-svc', count);
const orders = ({ orders: count }: Topology) => someOrAll('order-svc', count);
const relays = ({ relays: count }: Topology) => someOrAll('relay', count);
const stocks = ({ stocks: count }: Topology) => someOrAll('stock-svc', count);
const links = (topology: Topology) => topology.links;
const linksTo = (target: string) => (topology: Topology) =>
  topology.links.filter((name) => name.endsWith(`→${target}`));
const only = (target: string) => () => [target];

const DOWN: Range = [500, 5_000];
const FROZEN: Range = [1_000, 7_000];
const UNHEARD: Range = [2_000, 8_000];
const LONG: Range = [5_000, 15_000];
const AT_ONCE: Range = [0, 0];
/** Longer than statements wait for locks, and than a message stays hidden after its delivery. */
const LOCKED: Range = [10_000, 40_000];

/** All kinds of faults. */
export const FAULT_KINDS = {
  'kill-order-svc': { targets: orders, durationMs: DOWN },
  'kill-relay': { targets: relays, durationMs: DOWN },
  'kill-stock-svc': { targets: stocks, durationMs: DOWN },
  'kill-namesrv': { targets: only('namesrv'), durationMs: DOWN },
  'kill-broker': { targets: only('broker'), durationMs: DOWN },
  'kill-proxy': { targets: only('proxy'), durationMs: DOWN },
  'kill-order-db': { targets: only('order-db'), durationMs: DOWN },
  'kill-stock-db': { targets: only('stock-db'), durationMs: DOWN },
  /** All processes of the system at one instant. */
  'kill-everything': { targets: only('everything'), durationMs: [0, 1_000] },
  /** SIGTERM, then a start. */
  'stop-service': {
    targets: (topology) => [
      ...replicas('order-svc', topology.orders),
      ...replicas('relay', topology.relays),
      ...replicas('stock-svc', topology.stocks),
    ],
    durationMs: [0, 2_000],
  },
  'pause-order-svc': { targets: orders, durationMs: FROZEN },
  'pause-relay': { targets: relays, durationMs: FROZEN },
  'pause-stock-svc': { targets: stocks, durationMs: FROZEN },
  'pause-broker': { targets: only('broker'), durationMs: FROZEN },
  'pause-proxy': { targets: only('proxy'), durationMs: FROZEN },
  'pause-order-db': { targets: only('order-db'), durationMs: FROZEN },
  'pause-stock-db': { targets: only('stock-db'), durationMs: FROZEN },
  'cut-link': { targets: links, durationMs: FROZEN },
  'drop-link': { targets: links, durationMs: UNHEARD },
  'drop-replies': { targets: links, durationMs: UNHEARD },
  /** Amount: milliseconds of delay in each direction. */
  'slow-link': { targets: links, durationMs: UNHEARD, amount: [30, 600] },
  /** Amount: messages published once more, old and new ones. */
  duplicates: { targets: only('messages'), durationMs: AT_ONCE, amount: [10, 80] },
  /** Amount: seconds of the past that are delivered again. */
  'reset-message-offset': { targets: only('messages'), durationMs: AT_ONCE, amount: [5, 120] },
  /** Amount: seconds of the past that are delivered again. */
  'reset-result-offset': { targets: only('results'), durationMs: AT_ONCE, amount: [5, 120] },
  'delete-broker-data': { targets: only('broker'), durationMs: [500, 3_000] },
  /**
   * Consumers hear nothing while orders continue, with a burst of additional ones; then all is delivered at once.
   * Amount: the orders of the burst.
   */
  'delayed-burst': { targets: only('messages'), durationMs: FROZEN, amount: [100, 600] },
  /** Amount: milliseconds by which the order database is slowed while early checks fence its transactions. */
  'fence-race': { targets: only('order-svc'), durationMs: [2_000, 5_000], amount: [5, 60] },
  /** Half messages whose handle is lost, and a producer that takes their check-backs and leaves them unanswered. */
  'check-thief': { targets: only('messages'), durationMs: [6_000, 10_000] },
  /** The server refuses writes on the existing connections; then it takes them again. */
  'read-only-order-db': { targets: only('order-db'), durationMs: UNHEARD },
  'read-only-stock-db': { targets: only('stock-db'), durationMs: UNHEARD },
  /** The standby takes over while connections stay on the old primary; then the old primary takes over again. */
  'switch-order-db': { targets: only('order-db'), durationMs: LONG },
  'switch-stock-db': { targets: only('stock-db'), durationMs: LONG },
  /** Amount: milliseconds between two error packets. */
  'fail-commits-order-db': { targets: linksTo('order-db'), durationMs: UNHEARD, amount: [50, 500] },
  'fail-commits-stock-db': { targets: linksTo('stock-db'), durationMs: UNHEARD, amount: [50, 500] },
  /** FLUSH TABLES WITH READ LOCK. */
  'lock-order-db': { targets: only('order-db'), durationMs: UNHEARD },
  'lock-stock-db': { targets: only('stock-db'), durationMs: UNHEARD },
  /** A stranger's session keeps a lock on one row of the table. */
  'lock-order-row': { targets: () => ['tx_log', 'orders'], durationMs: LOCKED },
  'lock-stock-row': { targets: () => ['stock', 'tx_log'], durationMs: LOCKED },
  'poison-unreadable': { targets: only('messages'), durationMs: AT_ONCE },
  /** Small on the wire and large in memory. */
  'poison-size': { targets: only('messages'), durationMs: AT_ONCE },
  'poison-compression': { targets: only('messages'), durationMs: AT_ONCE },
  'poison-text': { targets: only('messages'), durationMs: AT_ONCE },
  /** As producers in other languages write them. */
  'poison-foreign': { targets: only('messages'), durationMs: AT_ONCE },
  'poison-results': { targets: only('results'), durationMs: AT_ONCE },
  /** Amount: streams that never read. */
  'stalled-callers': { targets: eachOrder, durationMs: UNHEARD, amount: [4, 24] },
  /** Amount: messages. */
  'half-sent-messages': { targets: eachOrder, durationMs: LONG, amount: [200, 1_000] },
} satisfies Readonly<Record<string, FaultKind>>;

/** Name of a kind of fault. */
export type FaultName = keyof typeof FAULT_KINDS;

/** All names. */
export const FAULT_NAMES = Object.keys(FAULT_KINDS) as FaultName[];
