import { describe, expect, it } from 'vitest';
import { classifyCheckBack, halfProperties, outboxProperties } from './message-properties.js';

const isKnown = (name: string) => name === 'order-svc';
const classify = (properties: Record<string, string>) =>
  classifyCheckBack(new Map(Object.entries(properties)), isKnown);
const facts = { participant: 'order-svc', transactionId: 't-1', createTimeMs: 1_700_000_000_123 };

describe('classifyCheckBack', () => {
  it('reads what was written', () => {
    expect(classify(halfProperties(facts))).toEqual({ kind: 'half', ...facts });
    expect(classify(outboxProperties('order-svc'))).toEqual({ kind: 'outbox' });
  });

  it.each([
    {},
    halfProperties({ ...facts, participant: 'stranger' }),
    outboxProperties('stranger'),
    { kind: 'outbox' },
    { participant: 'order-svc' },
    { participant: 'order-svc', kind: 'half' },
  ])('leaves what is not ours alone (%#)', (properties) => {
    expect(classify(properties).kind).toBe('foreign');
  });

  it.each(['', 'now', '-1', '1e9', '1.5'])('takes an unreadable create time as none: %j', (createTime) => {
    const checkBack = classify({ ...halfProperties(facts), create_time: createTime });
    expect(checkBack).toEqual({ kind: 'half', participant: 'order-svc', transactionId: 't-1' });
  });
});
