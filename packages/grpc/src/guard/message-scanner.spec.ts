import { expect, it } from 'vitest';
import { atMessageStart, holdsWholeMessages, scanMessages } from './message-scanner.js';

function framed(length: number): Buffer {
  const frame = Buffer.alloc(5 + length, 7);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(length, 1);
  return frame;
}

it('knows whole messages at a glance', () => {
  for (const lengths of [[], [0], [1], [300, 0, 70_000]]) {
    const bytes = Buffer.concat(lengths.map(framed));
    expect(holdsWholeMessages(bytes)).toBe(true);
    for (let cut = 1; cut < Math.min(bytes.length, 9); cut += 1) {
      expect(holdsWholeMessages(bytes.subarray(0, bytes.length - cut))).toBe(
        lengths.at(-1) === 0 && cut % 5 === 0,
      );
    }
  }
});

it('knows where a stream is, however it is cut into pieces', () => {
  const lengths = [0, 1, 4, 5, 6, 300, 0, 0, 65_536, 2];
  const bytes = Buffer.concat(lengths.map(framed));
  const ends = lengths.map((_, index) => Buffer.concat(lengths.slice(0, index + 1).map(framed)).length);
  const messageAt = (at: number) => ends.filter((end) => end <= at).length;
  for (const size of [1, 2, 3, 5, 7, 64, 1_000, 100_000]) {
    const position = atMessageStart();
    for (let at = 0; at < bytes.length; at += size) {
      const where = scanMessages(position, bytes.subarray(at, at + size));
      const end = Math.min(at + size, bytes.length);
      const same = messageAt(at) === messageAt(end) ? 'in the same' : 'in another';
      expect(where).toBe(ends.includes(end) ? 'at end' : same);
    }
  }
});
