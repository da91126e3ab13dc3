import { bodyOf, entryOf, type StrangerMaker, type StrangerMessage } from './stranger-message.js';

const TEXT = '订单号码 😀 𝒳 ‮ é';
const LONG_ID = 300;

/**
 * Texts of all scripts, in fields that can store them and in fields that can't, and message ids that no column holds.
 */
export function textMessages(maker: StrangerMaker): StrangerMessage[] {
  const noted = maker.transaction();
  const neighbour = maker.transaction();
  const withId = maker.transaction();
  const badTxNo = { ...maker.transaction(), txNo: `${TEXT}${maker.marker()}` };
  const longId = `01${'F'.repeat(LONG_ID)}`;
  return [
    {
      what: 'Chinese text and an emoji',
      body: Buffer.from(bodyOf(noted, { note: TEXT })),
      must: [noted],
      letter: 'none',
    },
    { what: 'such text as a txNo', body: Buffer.from(bodyOf(badTxNo)), letter: 'always' },
    { what: 'such text and nothing else', body: Buffer.from(`${TEXT} ${maker.marker()}`), letter: 'always' },
    {
      what: 'such a txNo beside a good entry',
      body: Buffer.from(JSON.stringify({ txMessages: [entryOf(badTxNo), entryOf(neighbour)] })),
      must: [neighbour],
      letter: 'always',
    },
    {
      what: `a message id of ${longId.length} characters`,
      body: Buffer.from(bodyOf(withId)),
      messageId: longId,
      must: [withId],
      letter: 'none',
    },
    {
      what: 'a message id that long, and a body that is none',
      body: Buffer.from(`${maker.marker()} is no JSON`),
      messageId: `${longId}-${maker.marker()}`,
      letter: 'always',
    },
    {
      what: 'bytes that are no UTF-8',
      body: Buffer.concat([Buffer.from(maker.marker()), Buffer.from([0xff, 0xfe, 0x00, 0x80])]),
      letter: 'always',
    },
  ];
}
