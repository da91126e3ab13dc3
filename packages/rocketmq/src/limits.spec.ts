import { describe, expect, test } from 'vitest';
import { checkMessage, KEY_BYTES_MAX, PROPERTY_COUNT_MAX } from './limits.js';
import type { OutgoingMessage } from './types.js';

const good: OutgoingMessage = {
  topic: 't',
  body: Buffer.from('x'),
  keys: ['k'],
  properties: { name: 'value' },
};

describe('checkMessage', () => {
  test('takes a good message', () => {
    expect(() => checkMessage(good, 't')).not.toThrow();
  });

  test.each<[string, object, string]>([
    ['another topic', { topic: 'u' }, 'INVALID'],
    ['a string as body', { body: 'text' }, 'INVALID'],
    ['an empty body', { body: Buffer.alloc(0) }, 'INVALID'],
    ['white space in a key', { keys: ['a b'] }, 'INVALID'],
    ['an empty key', { keys: [''] }, 'INVALID'],
    ['keys above the limit', { keys: Array(KEY_BYTES_MAX / 16 + 1).fill('k'.repeat(15)) }, 'TOO_LARGE'],
    ['a property without a name', { properties: { '': 'v' } }, 'INVALID'],
    ['a control character in a property', { properties: { name: 'a\u0001b' } }, 'INVALID'],
    ['a large property', { properties: { name: 'v'.repeat(16 * 1024) } }, 'TOO_LARGE'],
    [
      'many properties',
      {
        properties: Object.fromEntries(
          Array.from({ length: PROPERTY_COUNT_MAX + 1 }, (_, i) => [`p${i}`, 'v']),
        ),
      },
      'TOO_LARGE',
    ],
  ])('refuses %s', (_name, change, code) => {
    expect(() => checkMessage({ ...good, ...change } as OutgoingMessage, 't')).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
