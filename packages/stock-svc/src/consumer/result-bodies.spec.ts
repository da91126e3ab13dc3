import { create, fromJsonString, toJsonString } from '@bufbuild/protobuf';
import { Outcome, ResultEnvelopeSchema } from '@txmsg/contracts/message';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../domain/transaction.js';
import { resultBodies } from './result-bodies.js';

const applied: Verdict = { outcome: 'APPLIED', reason: '' };
const rejected: Verdict = { outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' };

describe('resultBodies', () => {
  it('writes the protobuf JSON mapping', () => {
    const verdicts = new Map([
      ['a', applied],
      ['b', rejected],
    ]);
    const [body] = resultBodies({ participant: 'order-svc', verdicts, deliveryLagMs: 12.4 });
    const expected = create(ResultEnvelopeSchema, {
      participant: 'order-svc',
      txResults: [
        { txNo: 'a', outcome: Outcome.APPLIED },
        { txNo: 'b', outcome: Outcome.REJECTED, reason: 'INSUFFICIENT_STOCK' },
      ],
      deliveryLagMs: 12n,
    });
    expect(body?.toString()).toBe(toJsonString(ResultEnvelopeSchema, expected));
    expect(resultBodies({ participant: 'p', verdicts })[0]?.toString()).not.toContain('deliveryLagMs');
  });

  it('keeps each body below a mebibyte and loses none', () => {
    const verdicts = new Map(
      Array.from({ length: 4_001 }, (_, index) => [`${index}`.padStart(64, '0'), rejected]),
    );
    const bodies = resultBodies({ participant: 'order-svc', verdicts });
    expect(bodies).toHaveLength(3);
    expect(Math.max(...bodies.map((body) => body.length))).toBeLessThan(1024 * 1024);
    const read = bodies.flatMap((body) => fromJsonString(ResultEnvelopeSchema, body.toString()).txResults);
    expect(new Set(read.map(({ txNo }) => txNo)).size).toBe(4_001);
  });
});
