import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import { describe, expect, it } from 'vitest';
import { openMessage } from './messages.js';

const { DigestType, Encoding } = definition;
const body = Buffer.from('hello');

function encoded(digest?: readonly [type: number, checksum: string], attempt = 1) {
  const system = new definition.SystemProperties().setMessageId('m').setDeliveryAttempt(attempt);
  if (digest) system.setBodyDigest(new definition.Digest().setType(digest[0]).setChecksum(digest[1]));
  return new definition.Message().setBody(body).setSystemProperties(system);
}

const hex = (algorithm: string) => createHash(algorithm).update(body).digest('hex');

describe('openMessage', () => {
  it.each([
    [DigestType.CRC32, String(crc32(body))],
    [DigestType.MD5, hex('md5').toUpperCase()],
    [DigestType.SHA1, hex('sha1')],
    [DigestType.DIGEST_TYPE_UNSPECIFIED, ''],
    [99, 'of a kind that is not known'],
  ])('takes a body with a right checksum of type %d', async (type, checksum) => {
    expect(await openMessage(encoded([type, checksum]))).toMatchObject({ message: { messageId: 'm', body } });
  });

  it.each([DigestType.CRC32, DigestType.MD5, DigestType.SHA1])(
    'leaves a body with a wrong checksum of type %d once, and then says so',
    async (type) => {
      expect(await openMessage(encoded([type, '1'], 1))).toBeUndefined();
      expect(await openMessage(encoded([type, '1'], 2))).toMatchObject({
        message: { body, unreadable: { code: 'BODY_CHECKSUM' } },
      });
    },
  );

  it('takes a message that lacks everything but its body', async () => {
    expect(await openMessage(new definition.Message().setBody(body))).toEqual({
      message: {
        messageId: '',
        topic: '',
        body,
        keys: [],
        properties: new Map(),
        bornTimeMs: 0,
        deliveryAttempt: 0,
      },
      receiptHandle: '',
    });
  });

  it('opens a body that the Java client has compressed, which the proxy labels GZIP', async () => {
    const message = encoded().setBody(deflateSync(body));
    message.getSystemProperties()?.setBodyEncoding(Encoding.GZIP);
    expect(await openMessage(message)).toMatchObject({ message: { body } });
  });
});
