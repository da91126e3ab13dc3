import { expect, it } from 'vitest';
import { orders, relay, shipping, stock } from '../test-support/sample-services.js';
import { serviceTopology } from './topology.js';

it('makes each topic once, and the groups, by the names that the variables give', () => {
  const { topics, groups } = serviceTopology([orders, relay, stock, shipping], {
    TXMSG_STOCK_CONSUMER_GROUP: 'mine',
  });
  expect([...topics]).toEqual([
    ['topic_txmsg', 'TRANSACTION'],
    ['topic_txresult', 'NORMAL'],
    ['topic_ship', 'TRANSACTION'],
  ]);
  expect([...groups]).toEqual([
    ['mine', 100_000],
    ['mine-dlq', 1_000_000],
    ['shipping-svc', 100_000],
  ]);
});
