import type { ReceivedMessage } from '@txmsg/rocketmq';
import { expect, it } from 'vitest';
import { createSeenMessages, readDelivery } from './observe-messages.js';

const message = (body: unknown, properties: Record<string, string> = {}): ReceivedMessage => ({
  messageId: 'm',
  topic: 't',
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  keys: [],
  properties: new Map(Object.entries(properties)),
  bornTimeMs: 0,
  deliveryAttempt: 1,
});

it('reads single and group messages', () => {
  const single = message(
    { txMessage: { productId: '7', payCount: 2, txNo: 'a' } },
    { kind: 'half', transaction_id: 'g' },
  );
  expect(readDelivery(single)).toMatchObject({
    kind: 'half',
    transactionId: 'g',
    transactions: [['a', 7, 2]],
  });
  const txMessages = [
    { productId: '1', payCount: 1, txNo: 'a' },
    { productId: '2', payCount: 2, txNo: 'b' },
  ];
  const group = message({ txMessages }, { kind: 'outbox', transaction_id: 'ignored' });
  expect(readDelivery(group)).toMatchObject({
    kind: 'outbox',
    transactionId: '',
    transactions: [
      ['a', 1, 1],
      ['b', 2, 2],
    ],
  });
});

it('passes over what is no message', () => {
  expect(readDelivery(message('not JSON'))).toBeUndefined();
});

it('remembers no more than it may', () => {
  const seen = createSeenMessages(() => 0.5);
  for (let i = 0; i < 1_000; i += 1) seen.add({ body: Buffer.from(String(i)), keys: [] });
  expect(seen.list.length).toBe(300);
  expect(seen.list[0]?.body.toString()).toBe('0');
  expect(seen.list[150]?.body.toString()).toBe('999');
});
