import { bareHost, joinHostPort } from '@txmsg/core';

/** The addresses on which servers listen that mean all of this machine's, and what reaches them from here. */
const WILDCARDS: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/** The host at which a server that listens on `host` is reached from this machine; an IPv6 address without brackets. */
export function localHost(host: string): string {
  const bare = bareHost(host.trim());
  return WILDCARDS.get(bare) ?? bare;
}

/** The same with a port: `host:port` or `[IPv6 address]:port`. */
export function localAddress(host: string, port: number): string {
  return joinHostPort(localHost(host), port);
}
