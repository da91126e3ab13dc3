import { freePort, portOrFree } from '../ports.js';
import type { RocketmqPorts } from './rocketmq-config.js';

/** RocketMQ's usual ports, and admin ports of our own. */
export const documentedRocketmqPorts: RocketmqPorts = {
  namesrv: 9876,
  broker: 10911,
  grpc: 8081,
  remoting: 8082,
  admin: 10921,
  namesrvAdmin: 10922,
  proxyAdmin: 10923,
};

/** A broker also takes the port two below its own (its fast channel) and the one above (replication). */
const BROKER_NEIGHBOURS = [-2, 1];

/** The documented ports, with a free one in place of each that is taken; or only free ones. */
export async function rocketmqPorts(choice: 'documented' | 'free'): Promise<RocketmqPorts> {
  const choose = (port: number, neighbours: readonly number[] = []): Promise<number> =>
    choice === 'free' ? freePort(neighbours) : portOrFree(port, neighbours);
  const wanted = documentedRocketmqPorts;
  return {
    namesrv: await choose(wanted.namesrv),
    broker: await choose(wanted.broker, BROKER_NEIGHBOURS),
    grpc: await choose(wanted.grpc),
    remoting: await choose(wanted.remoting),
    admin: await choose(wanted.admin),
    namesrvAdmin: await choose(wanted.namesrvAdmin),
    proxyAdmin: await choose(wanted.proxyAdmin),
  };
}
