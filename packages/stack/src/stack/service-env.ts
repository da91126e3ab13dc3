import type { PeerVariables, ServedAt, ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { serviceAddress, stackAddresses } from './addresses.js';
import type { StackService, StackState } from './state.js';
import { topicName } from './topology.js';

/**
 * The environment of a service: where it listens and where the others are. All other variables of the user are handed
 * on; what the user says about relays, participants, consumers and topics wins.
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
  const { broker } = descriptor.peers ?? {};
  return {
    ...descriptor.env,
    ...peerAddresses(descriptor.peers ?? {}, state, env),
    ...env,
    ...Object.fromEntries(own.map((database) => [database.env, database.url])),
    ...(broker && { [broker]: rocketmqEndpoints }),
    ...Object.fromEntries(portVariables),
  };
}

function peerAddresses(
  { relays, participants, consumers, messageTopics }: PeerVariables,
  { services }: StackState,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const addresses = (role: (descriptor: ServiceDescriptor) => ServedAt | undefined) =>
    services.flatMap((service) => {
      const at = role(service.descriptor);
      return at ? [{ name: service.descriptor.name, address: serviceAddress(service, at.port, env) }] : [];
    });
  const named = (list: readonly { name: string; address: string }[]) =>
    list.map(({ name, address }) => `${name}=${address}`).join(',');
  const topics = services.flatMap(({ descriptor }) => descriptor.topics ?? []);
  const transactional = topics.filter(({ type }) => type === 'TRANSACTION');
  return {
    ...(relays && {
      [relays]: addresses(({ relay }) => relay)
        .map(({ address }) => address)
        .join(','),
    }),
    ...(participants && { [participants]: named(addresses(({ participant }) => participant)) }),
    ...(consumers && { [consumers]: named(addresses(({ consumer }) => consumer)) }),
    ...(messageTopics && {
      [messageTopics]: [...new Set(transactional.map((topic) => topicName(topic, env)))].join(','),
    }),
  };
}
