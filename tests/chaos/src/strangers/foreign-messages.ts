import type { StrangerTransaction } from '../history/history-event.js';
import { bodyOf, entryOf, type StrangerMaker, type StrangerMessage } from './stranger-message.js';

/** A double can't hold the first number. Rounded it is the second, and that product has stock. */
export const UNSAFE_PRODUCT = '12345678901234567';
/** See UNSAFE_PRODUCT. */
export const ROUNDED_PRODUCT = 12_345_678_901_234_568;

type Form = readonly [what: string, body: (transaction: StrangerTransaction) => string];

/** Bodies as other languages and libraries write them. Each may be applied exactly, or refused. */
const FORMS: readonly Form[] = [
  ['createTime in seconds', (one) => bodyOf(one, { createTime: Math.floor(Date.now() / 1_000) })],
  [
    'createTime in seconds, as text',
    (one) => bodyOf(one, { createTime: String(Math.floor(Date.now() / 1_000)) }),
  ],
  ['createTime as a date', (one) => bodyOf(one, { createTime: new Date().toISOString() })],
  ['a long as Java writes it', (one) => bodyOf(one).replace(/"payCount":(\d+)/, '"payCount":$1L')],
  ['the whole body quoted', (one) => JSON.stringify(bodyOf(one))],
  ['txMessage as text', (one) => JSON.stringify({ txMessage: JSON.stringify(entryOf(one)) })],
  ['txMessages as text', (one) => JSON.stringify({ txMessages: JSON.stringify([entryOf(one)]) })],
  [
    'names in PascalCase',
    (one) => bodyOf(one).replace(/"([a-z])(\w*)":/g, (_, first, rest) => `"${first.toUpperCase()}${rest}":`),
  ],
  [
    'an object referred to that was not met',
    (one) => bodyOf(one).replace(/\{"txNo".*\}(?=\})/, '{"$ref":"$.order"}'),
  ],
  ['a byte order mark', (one) => `\ufeff${bodyOf(one)}`],
  ['single quotes', (one) => bodyOf(one).replaceAll('"', "'")],
  ['a name twice', (one) => bodyOf(one).replace('{"txNo"', '{"payCount":7,"txNo"')],
];

/** Messages of producers in other languages. */
export function foreignMessages(maker: StrangerMaker): StrangerMessage[] {
  const forms = FORMS.map(([what, write]): StrangerMessage => {
    const transaction = maker.transaction();
    return { what, body: Buffer.from(write(transaction)), may: [transaction], letter: 'unless-applied' };
  });
  return [...forms, ...unsafeNumbers(maker), referred(maker)];
}

function unsafeNumbers(maker: StrangerMaker): StrangerMessage[] {
  return [`${UNSAFE_PRODUCT}.0`, UNSAFE_PRODUCT, '1.2345678901234567e16', `"${UNSAFE_PRODUCT}.0"`].map(
    (number) => {
      const transaction = { ...maker.transaction(), productId: UNSAFE_PRODUCT };
      const body = bodyOf({ ...transaction, productId: '@' }).replace('"@"', number);
      return {
        what: `${number} as productId`,
        body: Buffer.from(body),
        may: [transaction],
        letter: 'unless-applied',
      };
    },
  );
}

/** fastjson writes a repeated object as a reference. */
function referred(maker: StrangerMaker): StrangerMessage {
  const first = maker.transaction();
  const body = JSON.stringify({ txMessages: [entryOf(first), { $ref: '$.txMessages[0]' }] });
  return { what: 'an object referred to', body: Buffer.from(body), must: [first], letter: 'none' };
}
