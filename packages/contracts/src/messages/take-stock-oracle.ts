import type { DecodedTransaction } from './message-type.js';
import type { TakeStock } from './take-stock-rules.js';

// For take-stock.fuzz.ts: what stands in a body, found in another way than the decoder does.

/** A transaction with the fields of its message beside its own, as they stand in a body. */
export interface FlatTransaction extends TakeStock {
  readonly txNo: string;
  readonly createTimeMs: number;
}

/** The transaction in the form of its body. */
export function flat({ txNo, createTimeMs, message }: DecodedTransaction<TakeStock>): FlatTransaction {
  return { txNo, ...message, createTimeMs };
}

/** A number with the text that it was parsed from. */
class Literal {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** All objects within a JSON text, at any depth; numbers as they were written. By JSON.parse, unlike what it checks. */
export function entriesWithin(text: string): object[] {
  const found: object[] = [];
  const keep = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value === 'number') return new Literal(context?.source ?? '');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) found.push(value);
    return value;
  };
  JSON.parse(text, keep);
  return found;
}

/** The object is this transaction, number by number. */
export function isWrittenAs(entry: object, transaction: FlatTransaction, bornTimeMs: number): boolean {
  const fields = new Map(Object.entries(entry));
  const field = (camel: string, snake: string): unknown => fields.get(camel) ?? fields.get(snake);
  const time = field('createTime', 'create_time');
  return (
    field('txNo', 'tx_no') === transaction.txNo &&
    means(field('productId', 'product_id'), transaction.productId) &&
    means(field('payCount', 'pay_count'), BigInt(transaction.payCount)) &&
    (means(time, BigInt(transaction.createTimeMs)) ||
      (transaction.createTimeMs === bornTimeMs && (time === undefined || time === null || means(time, 0n))))
  );
}

/** Exactly: `a.bEc` is the integer when `ab` is the integer times ten to the power of b's length less c. */
function means(value: unknown, integer: bigint): boolean {
  const source = value instanceof Literal ? value.source : value;
  const [, sign = '', whole, fraction = '', exponent = '0'] =
    typeof source === 'string' ? (/^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/.exec(source) ?? []) : [];
  if (whole === undefined) return false;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const shift = Number(exponent) - fraction.length;
  return shift >= 0 ? digits * 10n ** BigInt(shift) === integer : digits === integer * 10n ** BigInt(-shift);
}
