import * as protobuf from '@bufbuild/protobuf';
import { beforeEach, expect, it, vi } from 'vitest';
import { decodeResults } from './decode-results.js';

vi.mock(import('@bufbuild/protobuf'), async (importOriginal) => {
  const original = await importOriginal();
  return { ...original, fromJson: vi.fn(original.fromJson) as unknown as typeof original.fromJson };
});
beforeEach(() => void vi.mocked(protobuf.fromJson).mockClear());

it.each([
  '0',
  'null',
  '""',
  '[]',
  '{"txNo":7,"outcome":1}',
  '{"txNo":"a","outcome":99999999999}',
  '{"txNo":"\\ud800","outcome":1}',
  '{"txNo":"a","tx_no":"a","outcome":1}',
])('ten thousand times %s cost no ten thousand errors', (entry) => {
  const body = Buffer.from(`{"participant":"order","txResults":[${`${entry},`.repeat(9_999)}${entry}]}`);
  expect(decodeResults(body)).toMatchObject({ invalid: 10_000 });
  // The envelope alone.
  expect(protobuf.fromJson).toHaveBeenCalledTimes(1);
});
