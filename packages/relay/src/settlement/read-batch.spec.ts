import type { ReceivedMessage, Subscriber } from '@txmsg/rocketmq';
import { expect, it } from 'vitest';
import { createCounters } from '../counters.js';
import { logger } from '../test-support/fixture.js';
import type { Lane } from './lane.js';
import { runSettlement } from './settlement.js';

const keys = Array.from({ length: 40_000 }, (_, index) => `"k${index}":0`).join(',');
const DEAR = Buffer.from(`{"participant":"order","txResults":[],${keys}}`);
const MESSAGES = 16;

it('lets others have their turns between messages that are dear to read', async () => {
  let turn = 0;
  let counting = true;
  const count = () => {
    turn += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const turns = new Set<number>();
  const message = {
    messageId: 'm',
    get body() {
      turns.add(turn);
      return DEAR;
    },
  } as ReceivedMessage;
  const stop = new AbortController();
  const subscriber = {
    receive: async () => Array(MESSAGES).fill(message),
    ack: async () => {
      stop.abort();
      return { failed: [] };
    },
  } as unknown as Subscriber;
  const counters = createCounters();
  const options = {
    subscriber,
    participants: new Map(),
    concurrency: 1,
    invisibleMs: 10_000,
    counters,
    logger,
  };
  try {
    await runSettlement(
      { ...options, participants: new Map([['order', { lane: { full: false } as Lane }]]) },
      stop.signal,
    );
  } finally {
    counting = false;
  }
  expect(turns.size).toBeGreaterThanOrEqual(MESSAGES / 2);
});
