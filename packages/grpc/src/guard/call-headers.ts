import type { IncomingHttpHeaders } from 'node:http2';

/**
 * The only headers that handlers see. grpc-js creates an array per header, and a Buffer per comma in the value of a
 * `*-bin` header: 16 KB of commas become more than 1 MB for as long as the call lives.
 */
const PASSED_HEADERS: ReadonlySet<string> = new Set([
  ':method',
  ':scheme',
  ':path',
  ':authority',
  'host',
  'content-type',
  'te',
  'accept-encoding',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-timeout',
  'user-agent',
]);
const MAX_HEADERS = 64;
/** Names and values of the passed headers. They live as long as their call: 10,000 calls hold 20 MiB. */
const MAX_PASSED_BYTES = 2 * 1024;

/**
 * Removes the headers that no handler reads. Returns false when there are too many headers, or they are too large.
 *
 * @param headers as grpc-js gets them
 * @param rawHeaders names and values in turn
 */
export function reduceHeaders(
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  maxBytes: number,
): boolean {
  if (rawHeaders.length > 2 * MAX_HEADERS) return false;
  let bytes = 0;
  let passedBytes = 0;
  let strangers = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const size = name.length + (rawHeaders[index + 1] ?? '').length;
    bytes += size;
    if (PASSED_HEADERS.has(name)) passedBytes += size;
    else strangers = true;
  }
  if (bytes > maxBytes || passedBytes > MAX_PASSED_BYTES) return false;
  if (strangers) {
    for (const name of Object.keys(headers)) {
      if (!PASSED_HEADERS.has(name)) Reflect.deleteProperty(headers, name);
    }
  }
  return true;
}
