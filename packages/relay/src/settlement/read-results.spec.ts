import type { ReceivedMessage } from '@txmsg/rocketmq';
import { describe, expect, it } from 'vitest';
import { readResults } from './read-results.js';

describe('readResults', () => {
  it('tells of a body that could not be opened', () => {
    const unreadable = { code: 'BODY_CORRUPT', detail: 'damaged ZLIB (Z_DATA_ERROR)' } as const;
    const message = { body: Buffer.from('x'), unreadable } as unknown as ReceivedMessage;
    expect(readResults(message)).toMatchObject({
      message,
      fault: { message: 'BODY_CORRUPT: damaged ZLIB (Z_DATA_ERROR)' },
    });
  });

  it('tells of a body that is no result message, with the message', () => {
    const message = { body: Buffer.from('x') } as ReceivedMessage;
    expect(readResults(message)).toMatchObject({ message, fault: expect.any(Error) });
  });
});
