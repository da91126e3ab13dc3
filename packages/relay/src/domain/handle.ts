import { crc32 } from 'node:zlib';

/** What a handle stands for: a half message, and when it was prepared (milliseconds of the relay's clock). */
export interface HandleContent {
  readonly topic: string;
  readonly messageId: string;
  readonly transactionId: string;
  readonly endpoints: string;
  readonly preparedTimeMs: number;
}

const VERSION = 1;
const HEADER_BYTES = 5;
const SEPARATOR = '\n';

/**
 * Makes the opaque handle that any relay understands: a version byte, the CRC-32 of what follows, and the fields. The
 * checksum finds damage and proves no origin; the relay's port is an internal one.
 */
export function encodeHandle(half: HandleContent): Buffer {
  // The proxy uses the message id as transaction id, so it is rarely needed twice.
  const transactionId = half.transactionId === half.messageId ? '' : half.transactionId;
  const time = half.preparedTimeMs.toString(36);
  const fields = [half.topic, half.messageId, transactionId, half.endpoints, time];
  const payload = Buffer.from(fields.join(SEPARATOR));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt32BE(crc32(payload), 1);
  return Buffer.concat([header, payload]);
}

/**
 * Reads a handle; undefined for bytes that `encodeHandle` doesn't make, and for a version that this relay doesn't know.
 */
export function decodeHandle(handle: Uint8Array): HandleContent | undefined {
  const bytes = Buffer.from(handle.buffer, handle.byteOffset, handle.byteLength);
  if (bytes.length <= HEADER_BYTES || bytes.readUInt8(0) !== VERSION) return undefined;
  const payload = bytes.subarray(HEADER_BYTES);
  if (bytes.readUInt32BE(1) !== crc32(payload)) return undefined;
  const [topic, messageId, transactionId, endpoints, time, ...rest] = payload.toString().split(SEPARATOR);
  const preparedTimeMs = Number.parseInt(time ?? '', 36);
  if (!topic || !messageId || !endpoints || rest.length > 0 || Number.isNaN(preparedTimeMs)) return undefined;
  const half = { topic, messageId, transactionId: transactionId || messageId, endpoints, preparedTimeMs };
  // A time with a tail, or text that isn't UTF-8, would be read as something else.
  return encodeHandle(half).equals(bytes) ? half : undefined;
}
