import { failpoints } from './failpoints.js';
import type { Settings } from './load-config.js';
import { logLevel, proxyEndpoints, topicName } from './setting-types.js';

/** The settings that every service has. */
export const commonSettings = {
  logLevel: logLevel({
    env: 'TXMSG_LOG_LEVEL',
    default: 'info',
    description: 'fatal, error, warn, info, debug, trace or silent',
  }),
  failpoints: failpoints({
    env: 'TXMSG_FAILPOINTS',
    default: '',
    description: 'Crash points for tests; never set in production',
  }),
} satisfies Settings;

/** The broker, and the topic on which consumers send outcomes and the relay receives them. */
export const brokerSettings = {
  rocketmqEndpoints: proxyEndpoints({
    env: 'TXMSG_ROCKETMQ_ENDPOINTS',
    default: '127.0.0.1:8081',
    description: 'RocketMQ 5 proxies, host:port separated by commas, tried in turn',
  }),
  resultTopic: topicName({
    env: 'TXMSG_RESULT_TOPIC',
    default: 'topic_txresult',
    description: 'Topic of the outcomes',
  }),
} satisfies Settings;

/** The one topic of a service's messages. */
export const messageTopic = topicName({
  env: 'TXMSG_MESSAGE_TOPIC',
  default: 'topic_txmsg',
  description: 'Transactional topic of the messages',
});
