import { create } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { describe, expect, it } from 'vitest';
import { TxResultSchema } from '../gen/txmsg/message/v1/message_pb.js';
import { isValidResult } from './is-valid-result.js';

const texts = ['', 'a', 'A-9_.:', 'a b', 'a\n', 'ü', '库存不足', '😀'.repeat(200), '😀'.repeat(256)];
const lengths = [63, 64, 65, 254, 255, 256].map((length) => 'x'.repeat(length));

describe('isValidResult', () => {
  const validator = createValidator();
  const isValid = (init: { txNo: string; outcome: number; reason: string }) =>
    validator.validate(TxResultSchema, create(TxResultSchema, init)).kind === 'valid';

  it.each([...texts, ...lengths])('says of the text %j what protovalidate says', (text) => {
    for (const outcome of [-1, 0, 1, 2, 3]) {
      for (const init of [
        { txNo: text, outcome, reason: '' },
        { txNo: 'a', outcome, reason: text },
      ])
        expect(isValidResult(create(TxResultSchema, init))).toBe(isValid(init));
    }
  });
});
