import { isAddress } from '@txmsg/core';

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * Reads `name=host:port|host:port,name2=…`: the replicas of each named service, an IPv6 host in brackets. Undefined when it
 * isn't that.
 */
export function parseNamedAddresses(text: string): ReadonlyMap<string, readonly string[]> | undefined {
  const services = new Map<string, readonly string[]>();
  for (const entry of text.split(',')) {
    const [name = '', list = '', ...rest] = entry.trim().split('=');
    const addresses = list.split('|');
    if (rest.length > 0 || !NAME.test(name) || !addresses.every(isAddress) || services.has(name))
      return undefined;
    services.set(name, addresses);
  }
  return services;
}
