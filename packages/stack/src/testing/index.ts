export type { FoundMessage, GroupProgress } from '../parts/rocketmq-admin.js';
export type { TopicType } from '../parts/rocketmq-config.js';
export { freePort } from '../ports.js';
export {
  startTestBroker,
  type TestBroker,
  type TestBrokerOptions,
  type TestBrokerPart,
} from './test-broker.js';
export { startTestDatabase, type TestDatabase } from './test-database.js';
