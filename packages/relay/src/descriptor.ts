import { fileURLToPath } from 'node:url';
import type { ServiceDescriptor } from '@txmsg/stack/descriptor';

/** How the local stack and the testbed start the relay. */
export const descriptor: ServiceDescriptor = {
  name: 'relay',
  entry: fileURLToPath(new URL('./main.js', import.meta.url)),
  ports: { grpc: { env: 'TXMSG_RELAY_GRPC_PORT', default: 7070, hostEnv: 'TXMSG_RELAY_HOST' } },
  topics: [{ env: 'TXMSG_RESULT_TOPIC', name: 'topic_txresult', type: 'NORMAL' }],
  groups: [{ env: 'TXMSG_RESULT_CONSUMER_GROUP', name: 'txmsg-relay' }],
  relay: { port: 'grpc' },
  peers: {
    broker: 'TXMSG_ROCKETMQ_ENDPOINTS',
    participants: 'TXMSG_RELAY_PARTICIPANTS',
    consumers: 'TXMSG_RELAY_CONSUMERS',
    messageTopics: 'TXMSG_RELAY_TOPICS',
  },
};
