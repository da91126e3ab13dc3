import type { ServiceDescriptor } from '../descriptor/service-descriptor.js';
import type { RocketmqPorts } from '../parts/rocketmq-config.js';
import type { RocketmqProfile } from '../parts/rocketmq-part.js';

/** The version of `state.json` that this code writes. */
export const STATE_VERSION = 2;

/** What the commands must know of each other; kept in `state.json`. */
export interface StackState {
  readonly version: typeof STATE_VERSION;
  readonly ports: ServerPorts;
  /** The services in the order in which they are shown. */
  readonly services: readonly StackService[];
  /** Name server, broker and proxy as three processes. */
  readonly separate: boolean;
  readonly profile: RocketmqProfile;
  /** Addresses of servers that aren't ours, as given when the stack was started. */
  readonly external: ExternalServers;
}

/** Ports of the servers: database and RocketMQ. */
export interface ServerPorts {
  readonly mysql: number;
  readonly rocketmq: RocketmqPorts;
}

/** A service of the stack and its ports by purpose. */
export interface StackService {
  readonly descriptor: ServiceDescriptor;
  readonly ports: Readonly<Record<string, number>>;
}

/** Existing servers that are used instead of own ones. */
export interface ExternalServers {
  /** URLs by the variable that gave them. */
  readonly databases: Readonly<Record<string, string>>;
  readonly rocketmqEndpoints?: string;
  readonly namesrvAddr?: string;
}
