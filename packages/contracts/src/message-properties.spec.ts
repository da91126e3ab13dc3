import { describe, expect, it } from 'vitest';
import {
  classifyCheckBack,
  halfProperties,
  messageKeys,
  messageOrigin,
  outboxProperties,
} from './message-properties.js';

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

describe('messageOrigin', () => {
  const origin = (properties: Record<string, string>) => messageOrigin(new Map(Object.entries(properties)));

  it.each([
    ['a half message', halfProperties({ ...facts, type: 'TakeStock' })],
    ['a message of an outbox', outboxProperties('order-svc', 'TakeStock')],
  ])('reads the participant and the type of %s', (_, properties) => {
    expect(origin(properties)).toEqual({ participant: 'order-svc', type: 'TakeStock' });
  });

  it('knows no type of a message that names none', () => {
    expect(halfProperties(facts)).not.toHaveProperty('type');
    expect(outboxProperties('order-svc', '')).not.toHaveProperty('type');
    expect(origin(outboxProperties('order-svc'))).toEqual({ participant: 'order-svc', type: '' });
    expect(origin({})).toEqual({ participant: '', type: '' });
  });

  it('takes what can be no participant as none, and tells its beginning', () => {
    const participant = 'a b'.repeat(50);
    expect(origin({ participant })).toEqual({
      participant: '',
      badParticipant: participant.slice(0, 64),
      type: '',
    });
  });
});

describe('messageKeys', () => {
  it('keeps the first keys that fit, and all when all fit', () => {
    expect(messageKeys(['abc', 'def', 'ghi'], 12)).toEqual(['abc', 'def', 'ghi']);
    expect(messageKeys(['abc', 'def', 'ghi'], 11)).toEqual(['abc', 'def']);
    expect(messageKeys(['abc'], 3)).toEqual([]);
    expect(messageKeys([], 3)).toEqual([]);
  });

  it('puts the transaction_id first, so that a group of any size is found by it', () => {
    expect(messageKeys(['abc', 'def'], 12, 'tid')).toEqual(['tid', 'abc', 'def']);
    expect(messageKeys(['abc', 'def'], 11, 'tid')).toEqual(['tid', 'abc']);
  });
});
