import { expect, it } from 'vitest';
import { shipOrder } from '../test-support/shop-outbox.js';
import type { RelayLink } from './relay-link.js';
import { sendHalves } from './send-halves.js';

it('leaves to the outbox what the relay has no room for', async () => {
  let underWay = 0;
  const relay: RelayLink = {
    get available() {
      return underWay < 3;
    },
    async prepareNextTurn() {
      underWay += 1;
      return new Uint8Array();
    },
    end: async () => {},
    drain: async () => {},
  };
  const message = { productId: 1n, payCount: 1 };
  const payload = Buffer.from(shipOrder.codec.write(message));
  const messages = Array.from({ length: 10 }, (_, index) => ({
    ...{ txNo: `tx-${index}`, type: shipOrder.type, payload, messageType: shipOrder, message },
  }));
  const attempt = { transactionId: 'attempt', createTime: new Date() };
  const halves = sendHalves({ relay, maxGroupSize: 1 }, attempt, messages);
  const sent = await Promise.all(halves.map(({ half }) => half));
  expect(sent.filter((handle) => handle === 'UNSENT')).toHaveLength(7);
  expect(underWay).toBe(3);
});
