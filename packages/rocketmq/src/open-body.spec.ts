import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyFormat } from './body-format.js';
import { OPENED_BYTES_MAX } from './limits.js';
import { openPlainBody, unpackBody } from './open-body.js';

const text = Buffer.from('{"txMessage":{"productId":"1","payCount":2,"txNo":"a"}}'.repeat(50));
const LZ4_FRAME = Buffer.from('04224d186440a7000000000005d05d72', 'hex');

async function open(bytes: Buffer, labelled: boolean) {
  return openPlainBody(bytes) ?? (await unpackBody(bytes, labelled));
}

describe.each([true, false])('a body that is labelled as compressed: %s', (labelled) => {
  it.each<[string, Buffer]>([
    ['plain', text],
    ['zlib, as the Java client writes it', deflateSync(text)],
    ['zlib at its fastest', deflateSync(text, { level: 1 })],
    ['gzip', gzipSync(text)],
    ['gzip in two members', Buffer.concat([gzipSync(text.subarray(0, 9)), gzipSync(text.subarray(9))])],
  ])('is opened by its real format: %s', async (_, bytes) => {
    expect(await open(bytes, labelled)).toEqual({ body: text });
  });

  it('is never inflated beyond 4 MiB, whatever it says', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    const opened = await open(bomb, labelled);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    expect([opened.unreadable?.code, opened.body.equals(bomb)]).toEqual(['BODY_TOO_LARGE', true]);
    const most = Buffer.alloc(OPENED_BYTES_MAX, 'a');
    expect((await open(deflateSync(most), labelled)).body.equals(most)).toBe(true);
    const more = Buffer.alloc(OPENED_BYTES_MAX + 1, 'a');
    for (const bytes of [more, deflateSync(more)]) {
      const { body, unreadable } = await open(bytes, labelled);
      expect([unreadable?.code, body.equals(bytes)]).toEqual(['BODY_TOO_LARGE', true]);
    }
  });

  it.runIf(typeof zstdCompressSync === 'function')('is opened by its real format: zstd', async () => {
    expect(await open(zstdCompressSync(text), labelled)).toEqual({ body: text });
  });

  it('is handed over as it came in a format that this Node has not', async () => {
    expect(await open(LZ4_FRAME, labelled)).toMatchObject({
      body: LZ4_FRAME,
      unreadable: { code: 'BODY_FORMAT_UNSUPPORTED', detail: expect.stringContaining('LZ4') },
    });
  });
});

it.each([
  ['cut', gzipSync(text).subarray(0, 30)],
  ['changed', Buffer.from(deflateSync(text)).fill(0xff, 4, 12)],
])(
  'a compressed body that is %s is damaged when it is labelled, and perhaps no compressed one otherwise',
  async (_, bytes) => {
    expect(await open(bytes, true)).toMatchObject({ body: bytes, unreadable: { code: 'BODY_CORRUPT' } });
    expect(await open(bytes, false)).toEqual({ body: bytes });
  },
);

it('a body without a mark is taken as it is, however it is labelled', async () => {
  for (const bytes of [Buffer.from('x'), Buffer.from('hello'), deflateRawSync(text), Buffer.alloc(0)]) {
    expect(await open(bytes, true)).toEqual({ body: bytes });
  }
});

it('whatever the bytes: a body of 4 MiB at most, or the bytes as they came, and never an error', async () => {
  const magic = fc.constantFrom('', '789c', '785e', '1f8b0800', '28b52ffd', '04224d18');
  const bytes = fc.tuple(magic, fc.uint8Array({ maxLength: 512 }));
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async ([head, tail], labelled) => {
      const body = Buffer.concat([Buffer.from(head, 'hex'), tail]);
      const opened = await open(body, labelled);
      expect(opened.body.length).toBeLessThanOrEqual(OPENED_BYTES_MAX);
      if (opened.unreadable) expect(opened.body).toEqual(body);
    }),
    { numRuns: 300 },
  );
});

it('what is packed is what is unpacked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.constantFrom(deflateSync, gzipSync),
      async (raw, pack) => {
        const packed = pack(raw);
        expect(bodyFormat(packed)).toBe(pack === gzipSync ? 'GZIP' : 'ZLIB');
        expect((await unpackBody(packed, true)).body).toEqual(Buffer.from(raw));
      },
    ),
    { numRuns: 100 },
  );
});
