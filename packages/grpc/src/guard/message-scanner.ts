/** gRPC's prefix of a message: a flag, then the length in four bytes. */
const PREFIX_BYTES = 5;

/** Where a stream is in its current message. */
export interface MessagePosition {
  /** Bytes of the prefix that are still missing; 0 within a message. */
  prefixLeft: number;
  /** The value of the prefix, as far as it has been read. */
  length: number;
  /** Bytes of the message that are still missing. */
  bodyLeft: number;
}

/** Before the first byte of a message. */
export function atMessageStart(): MessagePosition {
  return { prefixLeft: PREFIX_BYTES, length: 0, bodyLeft: 0 };
}

/** True when the bytes begin with the start of a message and end with the end of one. */
export function holdsWholeMessages(bytes: Buffer): boolean {
  let at = 0;
  while (at + PREFIX_BYTES <= bytes.length) at += PREFIX_BYTES + bytes.readUInt32BE(at + 1);
  return at === bytes.length;
}

/**
 * Advances by the bytes that have arrived. Returns where the stream is then: at a message's end, in the same message,
 * or in another one.
 */
export function scanMessages(
  position: MessagePosition,
  bytes: Buffer,
): 'at end' | 'in the same' | 'in another' {
  let at = 0;
  let ended = false;
  while (at < bytes.length) {
    if (position.prefixLeft > 0) {
      // The first byte is the flag.
      if (position.prefixLeft < PREFIX_BYTES) position.length = position.length * 256 + (bytes[at] ?? 0);
      position.prefixLeft -= 1;
      at += 1;
      if (position.prefixLeft === 0) position.bodyLeft = position.length;
    } else {
      const taken = Math.min(position.bodyLeft, bytes.length - at);
      position.bodyLeft -= taken;
      at += taken;
    }
    if (position.prefixLeft === 0 && position.bodyLeft === 0) {
      ended = true;
      position.prefixLeft = PREFIX_BYTES;
      position.length = 0;
    }
  }
  if (position.prefixLeft === PREFIX_BYTES) return 'at end';
  return ended ? 'in another' : 'in the same';
}
