import type { DecodedTransaction } from './message-type.js';
import { TAKE_STOCK, type TakeStock } from './take-stock-rules.js';

const SINGLE = /\{"txMessage":/y;
const SEVERAL = /\{"txMessages":\[/y;
const ENTRY =
  /\{"productId":"(\d{1,18})","payCount":([1-9]\d{0,6}),"txNo":"([\w.:-]{1,64})","createTime":"(\d{1,15})"\}([,\]}])/y;

/** A transaction that was read just now. */
export type ScannedTransaction = {
  -readonly [Field in keyof DecodedTransaction<TakeStock>]: DecodedTransaction<TakeStock>[Field];
};

/**
 * Reads a TransactionEnvelope in the one form in which our participants write it, where every digit is exact and no
 * name stands twice. Undefined for any other text, valid or not, and beyond `maxEntries`: the body reader reads those.
 */
export function scanTakeStock(text: string, maxEntries: number): ScannedTransaction[] | undefined {
  const several = startsAt(SEVERAL, text, 0);
  if (!several && !startsAt(SINGLE, text, 0)) return undefined;
  const transactions: ScannedTransaction[] = [];
  let at = several ? SEVERAL.lastIndex : SINGLE.lastIndex;
  for (;;) {
    ENTRY.lastIndex = at;
    const match = ENTRY.exec(text);
    if (!match || transactions.length === maxEntries) return undefined;
    const [, productId = '', payCount, txNo = '', createTime, end] = match;
    transactions.push({
      txNo,
      createTimeMs: Number(createTime),
      message: { productId: BigInt(productId), payCount: Number(payCount) },
      type: TAKE_STOCK,
    });
    at = ENTRY.lastIndex;
    if (end === ',' && several) continue;
    const isEnd = several ? end === ']' && text.startsWith('}', at) : end === '}';
    return isEnd && at + (several ? 1 : 0) === text.length ? transactions : undefined;
  }
}

function startsAt(sticky: RegExp, text: string, at: number): boolean {
  sticky.lastIndex = at;
  return sticky.test(text);
}
