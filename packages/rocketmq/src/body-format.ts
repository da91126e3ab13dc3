/** How a body is packed, by its first bytes. `PLAIN` is everything else. */
export type BodyFormat = 'PLAIN' | 'ZLIB' | 'GZIP' | 'ZSTD' | 'LZ4';

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
/** The frame format, as lz4-java writes it; a bare block has no mark. */
const LZ4 = [0x04, 0x22, 0x4d, 0x18];
/** Deflate with a window of 32 KiB, as every zlib writes it by default. */
const ZLIB = 0x78;

/**
 * Tells the format by the magic bytes (RFC 1950, 1952, 8878; the LZ4 frame format). The label is no help: a broker
 * knows only "compressed", and its proxy labels all of it GZIP, the Java client's zlib included.
 */
export function bodyFormat(bytes: Uint8Array): BodyFormat {
  if (startsWith(bytes, GZIP)) return 'GZIP';
  if (startsWith(bytes, ZSTD)) return 'ZSTD';
  if (startsWith(bytes, LZ4)) return 'LZ4';
  const [first = 0, second = 0] = bytes;
  return bytes.length > 1 && first === ZLIB && (first * 256 + second) % 31 === 0 ? 'ZLIB' : 'PLAIN';
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
