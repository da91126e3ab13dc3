import { peerEnv } from '../descriptor/peer-env.js';
import type { ServedAt, ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { messageTopics } from '../descriptor/topology.js';
import { serviceAddress, stackAddresses } from './addresses.js';
import type { StackService, StackState } from './state.js';

/**
 * The environment of a service: where it listens and where the others are. All other variables of the user are passed
 * on. The user's own values for relays, participants, consumers and topics override those of the stack.
 */
export function serviceEnv(
  service: StackService,
  state: StackState,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { descriptor, ports } = service;
  const { databases, rocketmqEndpoints } = stackAddresses(state);
  const own = databases.filter((one) => descriptor.databases?.some((database) => database.env === one.env));
  const portVariables = Object.entries(descriptor.ports).map(([purpose, port]) => [
    port.env,
    String(ports[purpose]),
  ]);
  const { peers = {} } = descriptor;
  return {
    ...descriptor.env,
    ...peerEnv(peers, peersOf(state, env)),
    ...env,
    ...Object.fromEntries(own.map((database) => [database.env, database.url])),
    ...(peers.broker && { [peers.broker]: rocketmqEndpoints }),
    ...Object.fromEntries(portVariables),
  };
}

function peersOf(state: StackState, env: NodeJS.ProcessEnv) {
  const { services } = state;
  const addresses = (role: (descriptor: ServiceDescriptor) => ServedAt | undefined) =>
    services.flatMap((service) => {
      const at = role(service.descriptor);
      return at ? [[service.descriptor.name, [serviceAddress(service, at.port, env)]] as const] : [];
    });
  const descriptors = services.map(({ descriptor }) => descriptor);
  return {
    broker: stackAddresses(state).rocketmqEndpoints,
    relays: addresses(({ relay }) => relay).flatMap(([, own]) => own),
    participants: new Map(addresses(({ participant }) => participant)),
    consumers: new Map(addresses(({ consumer }) => consumer)),
    messageTopics: messageTopics(descriptors, env),
  };
}
