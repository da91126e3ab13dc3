import { bareHost, joinHostPort } from '@txmsg/core';

/**
 * Listening addresses that stand for all addresses of this machine, each with the address that reaches it from here.
 */
const WILDCARDS: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/** The host that reaches a server listening on `host` from this machine. An IPv6 address has no brackets. */
export function localHost(host: string): string {
  const bare = bareHost(host.trim());
  return WILDCARDS.get(bare) ?? bare;
}

/** The same with a port: `host:port` or `[IPv6 address]:port`. */
export function localAddress(host: string, port: number): string {
  return joinHostPort(localHost(host), port);
}
