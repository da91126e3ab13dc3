import { descriptor as orderService } from '@txmsg/order-svc/descriptor';
import { descriptor as relay } from '@txmsg/relay/descriptor';
import type { ServiceDescriptor } from '@txmsg/stack/descriptor';
import { descriptor as stockService } from '@txmsg/stock-svc/descriptor';

/** A service of a system, and its number of replicas. */
export interface PlannedService {
  readonly descriptor: ServiceDescriptor;
  /** Default 1. */
  readonly count?: number;
}

/** The number of replicas of each service that belongs to every system. */
export interface ServiceCounts {
  /** Default 1. */
  readonly orders?: number;
  /** Default 1. */
  readonly relays?: number;
  /** Default 1. */
  readonly stocks?: number;
}

/** Programs of another build, such as the previous version, instead of those that the descriptors name. */
export interface OtherBuilds {
  /** The main module of single replicas, by replica name: `order-svc-0`. */
  readonly entries?: Readonly<Record<string, string>>;
  /** The program that migrates the databases of a service, by service name: `order-svc`. */
  readonly migrations?: Readonly<Record<string, string>>;
}

/** The shortest allowed time: what a killed process held comes again soon. */
const INVISIBLE_TIME = '10s';

/** The services of every system; their replicas are `order-svc-0`, `relay-0`, `stock-svc-0` and so on. */
export function ownServices({
  orders = 1,
  relays = 1,
  stocks = 1,
}: ServiceCounts): Required<PlannedService>[] {
  return [
    { descriptor: orderService, count: orders },
    { descriptor: { ...relay, env: { TXMSG_RELAY_INVISIBLE_TIME: INVISIBLE_TIME } }, count: relays },
    { descriptor: { ...stockService, env: { TXMSG_STOCK_INVISIBLE_TIME: INVISIBLE_TIME } }, count: stocks },
  ];
}

/** A separate name for each topic and group of a system, by the variable that tells it to the services. */
export function ownNames(services: readonly ServiceDescriptor[], suffix: string): Record<string, string> {
  const named = services.flatMap(({ topics = [], groups = [] }) => [...topics, ...groups]);
  return Object.fromEntries(named.flatMap(({ env, name }) => (env ? [[env, `${name}_${suffix}`]] : [])));
}
