import { Outcome } from '@txmsg/contracts/message';
import type { ReceivedMessage } from '@txmsg/rocketmq';
import { describe, expect, it } from 'vitest';
import { decodeResults } from './decode-results.js';

const decode = (text: string) => decodeResults({ body: Buffer.from(text) } as ReceivedMessage);
const rejected = { txNo: 'a', outcome: Outcome.REJECTED, reason: 'ä' };

describe('decodeResults', () => {
  it.each([
    ['as our consumers write it', '{"participant":"order","txResults":[{"txNo":"a","outcome":"APPLIED"}]}'],
    ['in another form', ' {"txResults": [{"tx_no": "a", "outcome": 1}], "participant": "order", "later": 1}'],
  ])('reads a result message %s', (_, text) => {
    const results = [{ txNo: 'a', outcome: Outcome.APPLIED, reason: '' }];
    expect(decode(text)).toMatchObject({
      batch: { participant: 'order', results, deliveryLagMs: undefined },
    });
  });

  it('reads text that is not ASCII, and the lag', () => {
    const text =
      '{"participant":"order","txResults":[{"txNo":"a","outcome":"REJECTED","reason":"ä"}],"deliveryLagMs":"12"}';
    expect(decode(text)).toMatchObject({ batch: { results: [rejected], deliveryLagMs: 12 } });
  });

  it.each([
    ['nothing', ''],
    ['no participant', '{"participant":"","txResults":[{"txNo":"a","outcome":"APPLIED"}]}'],
    ['half a message', '{"participant":"order","txResults":[{"txNo":"a","outcome":"APPLIED"}'],
    ['a field twice', '{"participant":"a","participant":"b","txResults":[{"txNo":"a","outcome":"APPLIED"}]}'],
  ])('tells what is wrong with %s', (_, text) => {
    expect(decode(text)).toMatchObject({ fault: expect.any(Error) });
  });
});
