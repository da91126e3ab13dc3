import { LedgerTotalSchema } from '@txmsg/contracts/ledger';
import { defineMessage } from '@txmsg/contracts/messages';
import type { Database } from '@txmsg/mysql';
import { expect, it } from 'vitest';
import { createInbox, type InboxOptions } from './inbox.js';

const quiet = () => undefined;
const options: InboxOptions = {
  database: {} as Database,
  consumer: 'shelf',
  endpoints: '127.0.0.1:1',
  resultTopic: 'results',
  consumerGroup: 'shelf',
  logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
};

it.each(['', 'a b', 'x'.repeat(65)])('refuses the name %j', (consumer) => {
  expect(() => createInbox({ ...options, consumer })).toThrow(RangeError);
});

it.each(['shelf', () => 'shelf'])('refuses one consumer group of two topics', (consumerGroup) => {
  const inbox = createInbox({ ...options, consumerGroup });
  for (const topic of ['parcels', 'letters']) {
    const type = defineMessage({ type: topic, topic, schema: LedgerTotalSchema });
    inbox.each(type, {}, async () => undefined);
  }
  const scope = { signal: AbortSignal.abort(), onStop: quiet };
  expect(() => inbox.start(scope, quiet)).toThrow('topics parcels, letters need a consumer group each');
});
