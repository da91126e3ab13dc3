export type { TopicType } from '../descriptor/service-descriptor.js';
export { cacheDir } from '../fetch/cache-dir.js';
export { installDir } from '../fetch/install-dir.js';
export { servesGrpc, servesTcp } from '../parts/probes.js';
export type { FoundMessage, GroupProgress } from '../parts/rocketmq-admin.js';
export { freePort } from '../ports.js';
export { type ProgramOptions, runProgram } from '../process/run-program.js';
export { type BrokerAddress, connectTestBroker } from './connect-test-broker.js';
export {
  createMysqlFaultProxy,
  type MysqlFault,
  type MysqlFaultHandle,
  type MysqlFaultProxy,
} from './mysql-fault-proxy.js';
export { type ServerDefaults, serverDefaults } from './server-defaults.js';
export { type Stranger, startStranger } from './stranger.js';
export { createTcpProxy, type TcpProxy, type TcpProxyOptions } from './tcp-proxy.js';
export {
  startTestBroker,
  type TestBroker,
  type TestBrokerOptions,
  type TestBrokerPart,
} from './test-broker.js';
export { startTestDatabase, type TestDatabase, type TestDatabaseOptions } from './test-database.js';
export { startTestService, type TestService, type TestServiceOptions } from './test-service.js';
