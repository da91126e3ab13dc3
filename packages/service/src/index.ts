export { brokerSettings, commonSettings, messageTopic } from './config/common-settings.js';
export { failpoints } from './config/failpoints.js';
export { type Config, ConfigError, loadConfig, type Setting, type Settings } from './config/load-config.js';
export {
  type DatabaseDefaults,
  databaseSettings,
  graceSettings,
  type ServerDefaults,
  serverSettings,
} from './config/service-settings.js';
export {
  durationMs,
  endpoints,
  flag,
  host,
  type LogLevel,
  logLevel,
  port,
  proxyEndpoints,
  secretUrl,
  serviceName,
  text,
  topicName,
  wholeNumber,
} from './config/setting-types.js';
export { runService, type ServiceLogger, type ServiceScope } from './lifecycle.js';
export { createLogger, MAX_LOG_LINE_BYTES } from './log/logger.js';
export { openServers, type ServerConfig, type ServerContent, type Servers } from './open-servers.js';
