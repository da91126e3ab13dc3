import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outcome } from '../gen/txmsg/message/v1/message_pb.js';
import { decodeResults } from './decode-results.js';

const decode = (text: string) => decodeResults(Buffer.from(text));
const rejected = { txNo: 'a', outcome: Outcome.REJECTED, reason: 'ä' };

const good = { txNo: 'a', outcome: 'APPLIED' };

describe('decodeResults', () => {
  it.each([
    ['as our consumers write it', '{"participant":"order","txResults":[{"txNo":"a","outcome":"APPLIED"}]}'],
    ['in another form', ' {"txResults": [{"tx_no": "a", "outcome": 1}], "participant": "order", "later": 1}'],
  ])('reads a result message %s', (_, text) => {
    const results = [{ txNo: 'a', outcome: Outcome.APPLIED, reason: '' }];
    expect(decode(text)).toMatchObject({ participant: 'order', results, deliveryLagMs: undefined });
  });

  it('reads text that is not ASCII, and the lag', () => {
    const text =
      '{"participant":"order","txResults":[{"txNo":"a","outcome":"REJECTED","reason":"ä"}],"deliveryLagMs":"12"}';
    expect(decode(text)).toMatchObject({ results: [rejected], deliveryLagMs: 12 });
  });

  it.each([
    ['nothing', ''],
    ['no participant', '{"participant":"","txResults":[{"txNo":"a","outcome":"APPLIED"}]}'],
    ['half a message', '{"participant":"order","txResults":[{"txNo":"a","outcome":"APPLIED"}'],
    ['a field twice', '{"participant":"a","participant":"b","txResults":[{"txNo":"a","outcome":"APPLIED"}]}'],
  ])('tells what is wrong with %s', (_, text) => {
    expect(decode(text)).toMatchObject({ fault: expect.any(Error) });
  });

  const envelopeOf = (results: string) => `{"participant":"order","txResults":[${results}]}`;
  const times = (part: string, count: number) => Array(count).fill(part).join(',');
  const PLAIN = '{"txNo":"a","outcome":"APPLIED"}';

  it.each([
    ['empty objects', '{}', 60_000, 'more than 50000 objects, lists and commas'],
    [
      'invalid outcomes',
      '{"txNo":"a","outcome":"SUCCESS"}',
      20_000,
      'more than 50000 objects, lists and commas',
    ],
    ['empty lists', '[]', 12_000, 'more than 10000 outcomes'],
    ['numbers', '0', 2_000_001, 'more than 50000 objects, lists and commas'],
    ['nulls', 'null', 10_001, 'more than 10000 outcomes'],
    ['outcomes as our consumers write them', PLAIN, 57_000, 'more than 50000 objects, lists and commas'],
    ['such outcomes, just one', PLAIN, 10_001, 'more than 10000 outcomes'],
  ])('tells of too many %s', (_, part, count, message) => {
    expect(decode(envelopeOf(times(part, count)))).toMatchObject({ fault: { message } });
  });

  it('reads as many as may be, in either form', () => {
    for (const form of [PLAIN, PLAIN.replace(':', ': ')]) {
      const decoded = decode(envelopeOf(times(form, 10_000)));
      expect('results' in decoded && decoded.results).toHaveLength(10_000);
    }
  });

  it('counts nothing within texts', () => {
    const reason = ',[{\\",'.repeat(30);
    const result = JSON.stringify({ txNo: 'a', outcome: 'REJECTED', reason });
    const decoded = decode(envelopeOf(times(result, 2_000)));
    expect('results' in decoded && decoded.results).toHaveLength(2_000);
  });

  it.each(['deliveryLagMs', 'delivery_lag_ms'])('tells of a %s that is too long to be a number', (key) => {
    expect(
      decode(`{"participant":"order","txResults":[],"${key}":"${'1'.repeat(4_000_000)}"}`),
    ).toMatchObject({
      fault: { message: 'a lag of more than 20 characters' },
    });
  });

  it.each([
    [
      'as our consumers write it',
      '"txResults":[{"txNo":"a","outcome":"APPLIED"}],"consumer":"stock","type":"T.1"',
    ],
    ['in another form', '"type":"T.1","consumer": "stock","tx_results":[{"tx_no":"a","outcome":1}]'],
  ])('reads the consumer and the type %s', (_, fields) => {
    expect(decode(`{"participant":"order",${fields}}`)).toMatchObject({ consumer: 'stock', type: 'T.1' });
  });

  it('takes a message of an older consumer as one of no known consumer and type', () => {
    expect(decode('{"participant":"order","txResults":[{"txNo":"a","outcome":"APPLIED"}]}')).toMatchObject({
      consumer: '',
      type: '',
    });
  });

  it.each(['a b', 'x'.repeat(65), 'ä'])('takes the name %j as unknown and keeps the outcomes', (name) => {
    const text = JSON.stringify({ participant: 'order', txResults: [good], consumer: name, type: name });
    expect(decode(text)).toMatchObject({ results: [{ txNo: 'a' }], consumer: '', type: '', invalid: 0 });
  });

  it('reads or tells, whatever comes', () => {
    const part = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"participant":"p"',
      '"txResults":',
      '"txNo":"a"',
      '1e9',
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 20 }).map((parts) => parts.join('')),
      fc.json(),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (some) => {
        const decoded = decode(some);
        expect('fault' in decoded || decoded.participant !== '').toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['an outcome that nobody knows', { txNo: 'b', outcome: 'SUCCESS' }],
    ['an outcome of another type', { txNo: 'b', outcome: { code: 1 } }],
    ['no outcome', { txNo: 'b' }],
    ['a txNo that is a number', { txNo: 5, outcome: 'APPLIED' }],
    ['a txNo with a space', { txNo: 'b b', outcome: 'APPLIED' }],
    ['a txNo that is too long', { txNo: 'b'.repeat(65), outcome: 'APPLIED' }],
    ['a reason that is too long', { txNo: 'b', outcome: 'REJECTED', reason: 'x'.repeat(256) }],
    ['an outcome beyond all numbers', { txNo: 'b', outcome: 2 ** 40 }],
    ['half a character', { txNo: 'b', outcome: 'REJECTED', reason: '\ud800' }],
    ['a txNo under both names', { txNo: 'b', tx_no: 'b', outcome: 'APPLIED' }],
    ['null', null],
    ['a text', 'APPLIED'],
  ])('leaves out %s, and keeps its neighbours', (_, bad) => {
    for (const key of ['txResults', 'tx_results']) {
      const text = JSON.stringify({ participant: 'order', [key]: [good, bad, { ...good, txNo: 'c' }] });
      expect(decode(text)).toMatchObject({
        participant: 'order',
        results: [{ txNo: 'a' }, { txNo: 'c' }],
        invalid: 1,
      });
    }
  });

  it('never throws, whatever a body is made of', () => {
    const text =
      '{"participant":"order","txResults":[{"txNo":"a","outcome":"APPLIED"}],"deliveryLagMs":"12"}';
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 1) {
      for (const byte of [0, 0x22, 0x2c, 0x5b, 0x7b, 0x7d, 0xff]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(byte, at);
        decodeResults(changed);
        decodeResults(bytes.subarray(0, at));
      }
    }
  });
});
