import type { Topology } from '../parts/rocketmq-config.js';

// Redeliveries end only when the message was handled: a consumer that was away for days still gets it, and what can't be
// read is put aside by the services themselves.
const PRACTICALLY_FOR_EVER = 100_000;
// What the broker has given up keeps its count of deliveries; who reads it must allow more.
const LONGER_THAN_THAT = 1_000_000;

/** What the three services need on the broker, by the names that their settings give it; made at each of its starts. */
export function stackTopology(env: NodeJS.ProcessEnv): Topology {
  const stockGroup = env.TXMSG_STOCK_CONSUMER_GROUP || 'stock-svc';
  return {
    topics: new Map([
      [env.TXMSG_MESSAGE_TOPIC || 'topic_txmsg', 'TRANSACTION'],
      [env.TXMSG_RESULT_TOPIC || 'topic_txresult', 'NORMAL'],
    ]),
    groups: new Map([
      [stockGroup, PRACTICALLY_FOR_EVER],
      [`${stockGroup}-dlq`, LONGER_THAN_THAT],
      [env.TXMSG_RESULT_CONSUMER_GROUP || 'txmsg-relay', PRACTICALLY_FOR_EVER],
    ]),
  };
}
