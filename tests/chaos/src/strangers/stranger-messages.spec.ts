import { gunzipSync, inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { compressedMessages } from './compressed-messages.js';
import { foreignMessages } from './foreign-messages.js';
import { oversizedMessages } from './oversized-messages.js';
import { resultMessages } from './result-bodies.js';
import { createStrangerMaker, type StrangerMessage, strangerEvent } from './stranger-message.js';
import { textMessages } from './text-messages.js';
import { unreadableMessages } from './unreadable-messages.js';

/** What the broker takes. */
const MAX_BODY_BYTES = 3.5 * 1024 * 1024;
const maker = () => createStrangerMaker('c1');
const named = (messages: readonly StrangerMessage[], what: string) => {
  const found = messages.find((message) => message.what === what);
  if (!found) throw new RangeError(what);
  return found;
};

it('makes messages that the broker takes, each txNo once, and no two dead letters of one body', async () => {
  const one = maker();
  const all = [
    ...(await oversizedMessages(one)),
    ...compressedMessages(one),
    ...textMessages(one),
    ...foreignMessages(one),
    ...unreadableMessages(one),
  ];
  for (const { what, body } of all) expect(body.length, what).toBeLessThan(MAX_BODY_BYTES);
  const txNos = all.flatMap(({ must = [], may = [] }) => [...must, ...may]).map(({ txNo }) => txNo);
  expect(new Set(txNos).size).toBe(txNos.length);
  const hashes = all.map((message) => strangerEvent(message, true).bodyHash);
  expect(new Set(hashes).size).toBe(hashes.length);
}, 30_000);

it('compresses as Java does, and otherwise', () => {
  const messages = compressedMessages(maker());
  const zlib = named(messages, 'zlib that says gzip, from Java');
  expect(JSON.parse(inflateSync(zlib.body).toString()).txMessages).toHaveLength(60);
  expect(() => gunzipSync(zlib.body)).toThrow();
  expect(() => gunzipSync(named(messages, 'gzip that is cut off').body)).toThrow();
  expect(() => inflateSync(named(messages, 'zlib that is damaged').body)).toThrow();
});

it('has a bomb that is small and opens to half a gigabyte', async () => {
  const bomb = named(await oversizedMessages(maker()), 'a gzip bomb');
  expect(bomb.body.length).toBeLessThan(3e6);
  expect(() => gunzipSync(bomb.body, { maxOutputLength: 400e6 })).toThrow(
    expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }),
  );
}, 30_000);

it('writes numbers that a double rounds to a product of which there is stock', () => {
  const { body } = named(foreignMessages(maker()), '12345678901234567.0 as productId');
  expect(body.toString()).toContain('"productId":12345678901234567.0,');
});

it('puts true outcomes beside invalid ones', () => {
  const [mixed] = resultMessages([{ txNo: 'a', outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' }]);
  const { txResults } = JSON.parse(mixed?.body.toString() ?? '');
  expect(txResults).toHaveLength(1_001);
  expect(txResults.at(-1)).toEqual({ txNo: 'a', outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' });
});
