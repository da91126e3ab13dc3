const ENTRY = /^([A-Za-z0-9_.-]{1,64})=([^\s=|,]+:\d{1,5}(?:\|[^\s=|,]+:\d{1,5})*)$/;

/** Reads `name=host:port|host:port,name2=…`: the replicas of each named service. Undefined when it isn't that. */
export function parseNamedAddresses(text: string): ReadonlyMap<string, readonly string[]> | undefined {
  const services = new Map<string, readonly string[]>();
  for (const entry of text.split(',')) {
    const [, name, addresses] = ENTRY.exec(entry.trim()) ?? [];
    if (!name || !addresses || services.has(name)) return undefined;
    services.set(name, addresses.split('|'));
  }
  return services;
}
