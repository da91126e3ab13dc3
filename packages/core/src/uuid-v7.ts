import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4_096;
const RANDOM_BYTES = 10;
const pool = Buffer.allocUnsafe(POOL_BYTES);
let used = POOL_BYTES;

/**
 * A new UUIDv7 (RFC 9562, section 5.7): 48 bits of the time in milliseconds, then 74 random bits, in lower case. Ids of
 * one millisecond are in no particular order.
 *
 * Random bytes are fetched for hundreds of ids at once. Fetching them per id would cost more than the rest of making an
 * id.
 */
export function uuidV7(nowMs = Date.now()): string {
  if (used + RANDOM_BYTES > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const time = nowMs.toString(16).padStart(12, '0');
  // The bits of version and variant are set in place; each byte of the pool is used once.
  pool[used] = ((pool[used] ?? 0) & 0x0f) | 0x70;
  pool[used + 2] = ((pool[used + 2] ?? 0) & 0x3f) | 0x80;
  const random = pool.toString('hex', used, used + RANDOM_BYTES);
  used += RANDOM_BYTES;
  return `${time.slice(0, 8)}-${time.slice(8)}-${random.slice(0, 4)}-${random.slice(4, 8)}-${random.slice(8)}`;
}
