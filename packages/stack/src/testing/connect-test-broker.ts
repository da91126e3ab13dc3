import { StackError } from '../errors.js';
import { rocketmqAdmin } from '../parts/rocketmq-admin.js';
import type { TestBroker } from './test-broker.js';

/** Where a test broker is, as plain data for another process. */
export type BrokerAddress = Pick<TestBroker, 'endpoints' | 'namesrvAddr' | 'adminPort'>;

/**
 * A test broker that another process started, so files that don't break it can share one. It can be used and
 * administered. Starting or ending it throws ADMIN_FAILED, and `stop` does nothing.
 */
export function connectTestBroker({ endpoints, namesrvAddr, adminPort }: BrokerAddress): TestBroker {
  const admin = rocketmqAdmin(adminPort);
  const notOurs = (): never => {
    throw new StackError('ADMIN_FAILED', 'this broker belongs to another process');
  };
  return {
    endpoints,
    namesrvAddr,
    adminPort,
    parts: new Map(),
    part: notOurs,
    createTopic: admin.createTopic,
    createGroup: (name, { retryMaxTimes = 16 } = {}) => admin.createGroup(name, retryMaxTimes),
    topics: admin.topics,
    queryByKey: admin.queryByKey,
    progress: admin.progress,
    resetOffset: admin.resetOffset,
    stop: async () => undefined,
    kill: async () => notOurs(),
    start: async () => notOurs(),
    deleteData: notOurs,
    pause: notOurs,
    resume: notOurs,
  };
}
