import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeHandle, encodeHandle, type HandleContent } from './handle.js';

const half: HandleContent = {
  topic: 'topic_txmsg',
  messageId: '01CB5EFE100391364B0B14AAFF00000000',
  transactionId: '01CB5EFE100391364B0B14AAFF00000000',
  endpoints: '127.0.0.1:8081',
  preparedTimeMs: 1_795_363_071_464,
};

describe('handle', () => {
  it.each([half, { ...half, transactionId: 'other' }])('comes back as it went in (%#)', (given) => {
    expect(decodeHandle(encodeHandle(given))).toEqual(given);
  });

  it('is compact', () => {
    expect(encodeHandle(half).length).toBeLessThan(100);
  });

  it('is refused when a single bit of it is wrong', () => {
    const handle = encodeHandle(half);
    for (let bit = 0; bit < handle.length * 8; bit += 1) {
      const damaged = Buffer.from(handle);
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(decodeHandle(damaged)).toBeUndefined();
    }
  });

  it.each([
    ['a time with a tail', 't\nm\n\ne:1\n1x!'],
    ['a time that is no whole number', 't\nm\n\ne:1\n1.5'],
    ['a time with white space', 't\nm\n\ne:1\n 1'],
    ['a transaction id that needs not be there', 't\nm\nm\ne:1\n1'],
    ['text that is no UTF-8', Buffer.from([0xff, 0x0a, 0x61, 0x0a, 0x0a, 0x61, 0x0a, 0x31])],
  ])('is refused with %s, though its checksum is right', (_, fields) => {
    const payload = Buffer.from(fields as string);
    const header = Buffer.from([1, 0, 0, 0, 0]);
    header.writeUInt32BE(crc32(payload), 1);
    expect(decodeHandle(Buffer.concat([header, payload]))).toBeUndefined();
  });

  it.each([
    Buffer.alloc(0),
    Buffer.from([1]),
    Buffer.alloc(5),
    Buffer.from('garbage'),
    Buffer.alloc(4096, 1),
  ])('is refused when it is garbage (%#)', (garbage) => {
    expect(decodeHandle(garbage)).toBeUndefined();
  });
});
