import type { PeerVariables } from './service-descriptor.js';

/** Where a service finds the others. Each address is `host:port`. */
export interface Peers {
  /** The broker's proxies, separated by commas. */
  readonly broker: string;
  readonly relays: readonly string[];
  /** The addresses of each participant's replicas, by its name. */
  readonly participants: NamedAddresses;
  readonly consumers: NamedAddresses;
  /** The names of all topics of type TRANSACTION. */
  readonly messageTopics: readonly string[];
}

type NamedAddresses = ReadonlyMap<string, readonly string[]>;

/** The variables that tell a service where its peers are, as its descriptor names them. */
export function peerEnv(variables: PeerVariables, peers: Peers): Record<string, string> {
  const values: Record<keyof PeerVariables, string> = {
    broker: peers.broker,
    relays: peers.relays.join(','),
    participants: namedText(peers.participants),
    consumers: namedText(peers.consumers),
    messageTopics: peers.messageTopics.join(','),
  };
  const told = Object.entries(variables) as [keyof PeerVariables, string][];
  return Object.fromEntries(told.map(([peer, variable]) => [variable, values[peer]]));
}

function namedText(services: NamedAddresses): string {
  return [...services].map(([name, addresses]) => `${name}=${addresses.join('|')}`).join(',');
}
