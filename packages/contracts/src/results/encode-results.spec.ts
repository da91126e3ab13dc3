import { create, fromJsonString, toJsonString } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Outcome, ResultEnvelopeSchema } from '../gen/txmsg/message/v1/message_pb.js';
import { type ConsumerOutcome, encodeResults } from './encode-results.js';

const applied: ConsumerOutcome = { outcome: 'APPLIED', reason: '' };
const rejected: ConsumerOutcome = { outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' };

describe('encodeResults', () => {
  it('writes the protobuf JSON mapping', () => {
    const outcomes = new Map([
      ['a', applied],
      ['b', rejected],
    ]);
    const [body] = encodeResults({ participant: 'order-svc', outcomes, deliveryLagMs: 12.4 });
    const expected = create(ResultEnvelopeSchema, {
      participant: 'order-svc',
      txResults: [
        { txNo: 'a', outcome: Outcome.APPLIED },
        { txNo: 'b', outcome: Outcome.REJECTED, reason: 'INSUFFICIENT_STOCK' },
      ],
      deliveryLagMs: 12n,
    });
    expect(body?.toString()).toBe(toJsonString(ResultEnvelopeSchema, expected));
    expect(encodeResults({ participant: 'p', outcomes })[0]?.toString()).not.toContain('deliveryLagMs');
  });

  it('writes the names as the protobuf JSON mapping does, and none that is missing', () => {
    const outcomes = new Map([['a', applied]]);
    const names = { consumer: 'stock-svc', type: 'TakeStock' };
    const [body] = encodeResults({ participant: 'order-svc', outcomes, deliveryLagMs: 12, ...names });
    const expected = create(ResultEnvelopeSchema, {
      participant: 'order-svc',
      txResults: [{ txNo: 'a', outcome: Outcome.APPLIED }],
      deliveryLagMs: 12n,
      ...names,
    });
    expect(body?.toString()).toBe(toJsonString(ResultEnvelopeSchema, expected));
    const [bare] = encodeResults({ participant: 'order-svc', outcomes, consumer: '', type: '' });
    expect(bare?.toString()).toBe(
      '{"participant":"order-svc","txResults":[{"txNo":"a","outcome":"APPLIED"}]}',
    );
  });

  it('keeps each body below a mebibyte and loses none', () => {
    const outcomes = new Map(
      Array.from({ length: 4_001 }, (_, index) => [`${index}`.padStart(64, '0'), rejected]),
    );
    const bodies = encodeResults({ participant: 'order-svc', outcomes });
    expect(bodies).toHaveLength(3);
    expect(Math.max(...bodies.map((body) => body.length))).toBeLessThan(1024 * 1024);
    const read = bodies.flatMap((body) => fromJsonString(ResultEnvelopeSchema, body.toString()).txResults);
    expect(new Set(read.map(({ txNo }) => txNo)).size).toBe(4_001);
  });
});
