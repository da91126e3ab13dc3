import type { Transaction } from '../domain/transaction.js';
import type { BodyFault } from './body-fault.js';
import type { DecodedBody } from './decode-body.js';
import { fieldOf, isObject, jsonWithin, misspelt } from './exact-fields.js';
import { type ExactObject, type ExactValue, JsonError, parseExactJson, REPEATED } from './exact-json.js';
import { faultsOf, readEntry } from './read-entry.js';

/** Transactions in one body: ten times as many as our participants put into one. */
export const MAX_ENTRIES = 10_000;
const LIMITS = { maxValues: 100_000, maxDepth: 32 };

/**
 * Reads a TransactionEnvelope in any form of the protobuf JSON mapping, and says of any other what is wrong with it. Never
 * more than 100,000 values come into being, however large the text is.
 */
export function readBody(text: string, bornTimeMs: number): DecodedBody {
  try {
    return readJson(parseExactJson(text, LIMITS), text, bornTimeMs);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const reason = error.code === 'NOT_JSON' ? error.code : 'TOO_MANY_ENTRIES';
    return refused(reason, error.message + mentionedTxNos(text));
  }
}

/** A body that holds nothing but a fault. */
export function refused(reason: string, detail: string): DecodedBody {
  return { transactions: [], faults: [{ reason, detail }] };
}

const MENTIONED = /tx_?no\\*["']?\s*[:=]\s*\\*["']([\w.:-]{1,64})\\*["']/gi;
const SEARCHED = 64 * 1024;
const TOLD = 3;

/** The first txNos that a text seems to name, for people: it can't be read, so nothing is done with them. */
export function mentionedTxNos(text: string): string {
  const txNos: string[] = [];
  for (const [, txNo = ''] of text.slice(0, SEARCHED).matchAll(MENTIONED)) {
    if (txNos.push(txNo) === TOLD) break;
  }
  return txNos.length === 0 ? '' : `; txNo ${txNos.join(', ')}`;
}

function readJson(json: ExactValue, text: string, bornTimeMs: number): DecodedBody {
  if (typeof json === 'string') return readQuoted(json, bornTimeMs);
  if (!isObject(json)) return refused('NO_TRANSACTION', `the body must be an object${mentionedTxNos(text)}`);
  const faults = envelopeFaults(json, text);
  const transactions: Transaction[] = [];
  for (const [entry, at] of entriesOf(json)) {
    const read = readEntry(entry, at, bornTimeMs);
    if ('productId' in read) transactions.push(read);
    else faults.push(...read);
  }
  if (transactions.length + faults.length === 0) return noTransaction(json, text);
  if (transactions.length + faults.length <= MAX_ENTRIES) return { transactions, faults };
  return refused('TOO_MANY_ENTRIES', `txMessages: more than ${MAX_ENTRIES} entries${mentionedTxNos(text)}`);
}

/** What stands twice is told, and what stands under another name: a part that is passed over would be lost. */
function envelopeFaults(json: ExactObject, text: string): BodyFault[] {
  return ['txMessage', 'txMessages'].flatMap((name) => {
    const misplaced = misspelt(json, name).filter((other) => json[other] !== null);
    const faults = misplaced.flatMap((other) =>
      faultsOf(json[other] ?? null, `${other}: its name is ${name}`),
    );
    if (fieldOf(json, name) !== REPEATED) return faults;
    return [...faults, { reason: 'INVALID_FIELD', detail: `${name}: stands twice${mentionedTxNos(text)}` }];
  });
}

/** Entries with where they stand; one more than may be, where there are more. */
function entriesOf(json: ExactObject): (readonly [ExactValue, string])[] {
  const single = fieldOf(json, 'txMessage');
  const several = fieldOf(json, 'txMessages');
  const list = Array.isArray(several) ? several.slice(0, MAX_ENTRIES + 1) : [];
  return [
    ...alone(single, 'txMessage'),
    ...(Array.isArray(several) ? [] : alone(several, 'txMessages')),
    ...list.map((entry, index) => [entry, `txMessages[${index}]`] as const),
  ];
}

function alone(entry: ExactValue | undefined, at: string) {
  return entry === undefined || entry === REPEATED ? [] : [[entry, at] as const];
}

function noTransaction(json: ExactObject, text: string): DecodedBody {
  const reason = 'NO_TRANSACTION';
  const isBare = fieldOf(json, 'productId') !== undefined || misspelt(json, 'productId').length > 0;
  if (!isBare) {
    return refused(reason, `neither txMessage nor txMessages holds a transaction${mentionedTxNos(text)}`);
  }
  const faults = faultsOf(json, 'txMessage: is missing; the transaction must stand in it');
  return { transactions: [], faults: faults.map((fault) => ({ ...fault, reason })) };
}

/** JSON that was encoded twice is never applied, but what it names is known. */
function readQuoted(quoted: string, bornTimeMs: number): DecodedBody {
  const inner = jsonWithin(quoted);
  if (inner === undefined) return refused('NO_TRANSACTION', 'the body must be an object, not text');
  const { transactions, faults } = readJson(inner, quoted, bornTimeMs);
  const reason = 'NO_TRANSACTION';
  const detail = 'the body is JSON as text (encoded twice); send the object itself, without quotes around it';
  const txNos = [...transactions, ...faults].flatMap(({ txNo }) => txNo ?? []);
  if (txNos.length === 0) return refused(reason, detail);
  return { transactions: [], faults: txNos.map((txNo) => ({ reason, detail, txNo })) };
}
