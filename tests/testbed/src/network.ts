import { createTcpProxy, type TcpProxy } from '@txmsg/stack/testing';

/** The connections between the parts that can be made to fail: each goes through a proxy of its own. */
export interface Network {
  /** Name of each link, such as `order-svc-0→order-db`, and its proxy. */
  readonly links: ReadonlyMap<string, TcpProxy>;
  /** host:port under which `from` reaches `target`; the target itself when the network is direct. */
  address(from: string, to: string, target: string): Promise<string>;
  /** Closes all proxies. */
  close(): Promise<void>;
}

/** Creates a network; `proxied: false` connects everything directly. */
export function createNetwork(proxied: boolean): Network {
  const links = new Map<string, TcpProxy>();
  return {
    links,
    async address(from, to, target) {
      if (!proxied) return target;
      const name = `${from}→${to}`;
      const proxy = links.get(name) ?? (await createTcpProxy({ target }));
      links.set(name, proxy);
      return proxy.address;
    },
    async close() {
      await Promise.all([...links.values()].map((proxy) => proxy.close()));
    },
  };
}
