import { BrokerError } from './broker-error.js';
import type { OutgoingMessage } from './types.js';

/** The largest body. The broker says 4 MiB, but a body of exactly that size can be sent and never read again. */
export const BODY_BYTES_MAX = 3.5 * 1024 * 1024;

/** The largest body after it is opened: 4 MiB, the broker's own limit, so that compression gets nothing past it. */
export const OPENED_BYTES_MAX = 4 * 1024 * 1024;

/** All keys of a message with a separator each, in bytes: 415 UUIDs. Measured: each of them finds the message. */
export const KEY_BYTES_MAX = 15 * 1024;

/** Keys and properties together, in bytes: the proxy's limit (`maxUserPropertySize`), which counts the keys too. */
export const PROPERTY_BYTES_MAX = 16 * 1024;

/** Properties of a message: the proxy's limit is 128. */
export const PROPERTY_COUNT_MAX = 64;

/** Throws `TOO_LARGE` or `INVALID` for what the broker would refuse, or take and never deliver. */
export function checkMessage(message: OutgoingMessage, topic: string): void {
  if (message.topic !== topic) {
    throw new BrokerError('INVALID', `this client sends to ${topic}, not to ${message.topic}`);
  }
  if (!Buffer.isBuffer(message.body)) {
    // A string would be base64-decoded by the client's codec.
    throw new BrokerError('INVALID', 'the body must be a Buffer');
  }
  if (message.body.length === 0) {
    throw new BrokerError('INVALID', 'the body is empty');
  }
  if (message.body.length > BODY_BYTES_MAX) {
    throw new BrokerError('TOO_LARGE', `body of ${message.body.length} bytes, at most ${BODY_BYTES_MAX}`);
  }
  const bytes = keyBytes(message.keys) + propertyBytes(message.properties);
  if (bytes > PROPERTY_BYTES_MAX) {
    throw new BrokerError(
      'TOO_LARGE',
      `keys and properties of ${bytes} bytes, at most ${PROPERTY_BYTES_MAX}`,
    );
  }
}

function keyBytes(keys: readonly string[]): number {
  let bytes = 0;
  for (const key of keys) {
    if (!/^\S+$/.test(key)) {
      throw new BrokerError('INVALID', `white space in a key, or an empty key: ${JSON.stringify(key)}`);
    }
    bytes += Buffer.byteLength(key) + 1;
  }
  if (bytes > KEY_BYTES_MAX) {
    throw new BrokerError('TOO_LARGE', `${keys.length} keys of ${bytes} bytes, at most ${KEY_BYTES_MAX}`);
  }
  return bytes;
}

function propertyBytes(properties: Readonly<Record<string, string>>): number {
  const entries = Object.entries(properties);
  let bytes = 0;
  for (const [name, value] of entries) {
    if (name === '') {
      throw new BrokerError('INVALID', 'a property without a name');
    }
    // The broker separates its properties by the control characters 1 and 2.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    if (/[\u0000-\u001f\u007f]/.test(name + value)) {
      throw new BrokerError('INVALID', `control character in property ${JSON.stringify(name)}`);
    }
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (entries.length > PROPERTY_COUNT_MAX) {
    throw new BrokerError('TOO_LARGE', `${entries.length} properties, at most ${PROPERTY_COUNT_MAX}`);
  }
  return bytes;
}
