import { isIP, isIPv6 } from 'node:net';

const MAX_PORT = 65_535;

/** True for `host:port` with a port from 1 to 65535. An IPv6 host stands in brackets (`[::1]:7070`). */
export function isAddress(text: string): boolean {
  const [, host = '', port] = /^(\[[^\]\s]+\]|[^\s:,|[\]]+):(\d{1,5})$/.exec(text) ?? [];
  return isHost(host) && Number(port) >= 1 && Number(port) <= MAX_PORT;
}

const DNS_SCHEME = 'dns:///';

/** True for an address as `isAddress` takes it, and for `dns:///name:port`. */
export function isTarget(text: string): boolean {
  return isAddress(text.startsWith(DNS_SCHEME) ? text.slice(DNS_SCHEME.length) : text);
}

/** True for a target whose host is a name: it may stand for several addresses. */
export function isNamedTarget(text: string): boolean {
  const address = text.startsWith(DNS_SCHEME) ? text.slice(DNS_SCHEME.length) : text;
  return isAddress(address) && isIP(bareHost(address.slice(0, address.lastIndexOf(':')))) === 0;
}

/** True for an address (see `isAddress`) whose host is an IPv6 address. */
export function isIPv6Address(text: string): boolean {
  return text.startsWith('[') && isAddress(text);
}

/** True for a host name, an IPv4 address, or an IPv6 address with or without brackets. */
export function isHost(text: string): boolean {
  const bare = bareHost(text);
  return isIPv6(bare) || (bare === text && /^[^\s:,|/[\]]+$/.test(text));
}

/** The host as sockets take it: an IPv6 address loses its brackets. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** `host:port`, with brackets around an IPv6 host. */
export function joinHostPort(host: string, port: number): string {
  const bare = bareHost(host);
  return isIPv6(bare) ? `[${bare}]:${port}` : `${bare}:${port}`;
}
