import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { TxMessageSchema } from '@txmsg/contracts/message';
import type { Transaction } from '../domain/transaction.js';
import { isTxNo, transactionFaults } from '../domain/transaction-rules.js';
import { parseExactJson } from './exact-json.js';

/** Why a body, or a part of it, can't be read. */
export interface BodyFault {
  /** Upper-case code: NOT_JSON, NO_TRANSACTION or INVALID_FIELD. */
  readonly reason: string;
  /** For people. */
  readonly detail: string;
  /** The txNo of the part, when that much can be read. */
  readonly txNo?: string;
}

/** What a message body holds: transactions that can be handled, and faults. One bad entry leaves its neighbours alone. */
export interface DecodedBody {
  readonly transactions: readonly Transaction[];
  readonly faults: readonly BodyFault[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a TransactionEnvelope in the protobuf JSON mapping, unknown fields ignored; integers may be numbers or strings.
 *
 * @param bornTimeMs stands in for a missing create time
 */
export function decodeBody(body: Uint8Array, bornTimeMs: number): DecodedBody {
  let json: unknown;
  try {
    json = parseExactJson(utf8.decode(body));
  } catch (error) {
    return { transactions: [], faults: [{ reason: 'NOT_JSON', detail: String(error) }] };
  }
  const entries = entriesOf(json);
  if (entries.length === 0) {
    return {
      transactions: [],
      faults: [{ reason: 'NO_TRANSACTION', detail: 'neither txMessage nor txMessages holds a transaction' }],
    };
  }
  const transactions: Transaction[] = [];
  const faults: BodyFault[] = [];
  for (const entry of entries) {
    const read = readEntry(entry, bornTimeMs);
    if ('reason' in read) faults.push(read);
    else transactions.push(read);
  }
  return { transactions, faults };
}

function entriesOf(json: unknown): unknown[] {
  if (!isObject(json)) return [];
  const single = json.txMessage ?? json.tx_message;
  const several = json.txMessages ?? json.tx_messages;
  return [
    ...(single === undefined || single === null ? [] : [single]),
    ...(Array.isArray(several) ? several : several === undefined || several === null ? [] : [several]),
  ];
}

function readEntry(entry: unknown, bornTimeMs: number): Transaction | BodyFault {
  const transaction = readPlainEntry(entry) ?? readAnyEntry(entry);
  if ('reason' in transaction) return transaction;
  const dated = transaction.createTimeMs === 0 ? { ...transaction, createTimeMs: bornTimeMs } : transaction;
  const faults = transactionFaults(dated);
  if (faults.length === 0) return dated;
  return fault(faults.join('; '), dated.txNo);
}

/** Reads the usual forms without reflection; undefined for any other form, of which the mapping knows more. */
function readPlainEntry(entry: unknown): Transaction | undefined {
  if (!isObject(entry)) return undefined;
  const { productId, payCount, txNo, createTime } = entry;
  const product = wholeNumber(productId);
  const count = wholeNumber(payCount);
  const time = createTime === undefined ? 0 : wholeNumber(createTime);
  if (product === undefined || count === undefined || time === undefined || typeof txNo !== 'string') {
    return undefined;
  }
  return { txNo, productId: BigInt(product), payCount: Number(count), createTimeMs: Number(time) };
}

/** 18 digits are an int64 for certain; a number here is exact, since parseExactJson makes text of the others. */
function wholeNumber(value: unknown): number | string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === 'string' && /^\d{1,18}$/.test(value) ? value : undefined;
}

function readAnyEntry(entry: unknown): Transaction | BodyFault {
  try {
    const message = fromJson(TxMessageSchema, entry as JsonValue, { ignoreUnknownFields: true });
    return {
      txNo: message.txNo,
      productId: message.productId,
      payCount: message.payCount,
      createTimeMs: Number(message.createTime),
    };
  } catch (error) {
    return fault(String(error), isObject(entry) ? (entry.txNo ?? entry.tx_no) : undefined);
  }
}

function fault(detail: string, txNo: unknown): BodyFault {
  return { reason: 'INVALID_FIELD', detail, ...(isTxNo(txNo) ? { txNo } : {}) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
