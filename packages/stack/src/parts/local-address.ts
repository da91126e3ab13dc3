import { isIPv6 } from 'node:net';

/** The addresses on which servers listen that mean all of this machine's, and what reaches them from here. */
const WILDCARDS: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/** The host at which a server that listens on `host` is reached from this machine; an IPv6 address without brackets. */
export function localHost(host: string): string {
  const bare = host.trim().replace(/^\[(.*)\]$/, '$1');
  return WILDCARDS.get(bare) ?? bare;
}

/** The same with a port: `host:port` or `[IPv6 address]:port`. */
export function localAddress(host: string, port: number): string {
  const bare = localHost(host);
  return isIPv6(bare) ? `[${bare}]:${port}` : `${bare}:${port}`;
}
