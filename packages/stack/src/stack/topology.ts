import type { Topology } from '../parts/rocketmq-config.js';

// Redeliveries end only when the message was handled: a consumer that was away for days still gets it, and what can't be
// read is put aside by the services themselves.
const PRACTICALLY_FOR_EVER = 100_000;

/** What the three services need on the broker; made at each of its starts. */
export const stackTopology: Topology = {
  topics: new Map([
    ['topic_txmsg', 'TRANSACTION'],
    ['topic_txresult', 'NORMAL'],
  ]),
  groups: new Map([
    ['stock-svc', PRACTICALLY_FOR_EVER],
    ['relay', PRACTICALLY_FOR_EVER],
  ]),
};
