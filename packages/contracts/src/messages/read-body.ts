import { fieldOf, isObject, jsonWithin, misspellingsOf } from '../json/exact-fields.js';
import {
  type ExactObject,
  type ExactValue,
  JsonError,
  parseExactJson,
  Repeated,
} from '../json/exact-json.js';
import type { BodyFault } from './body-fault.js';
import type { DecodedBody, DecodedTransaction } from './message-type.js';
import { createEntryReader, type EntryForm, faultsOf, type ReadEntry } from './read-entry.js';

/** Transactions in one body: ten times as many as our participants put into one. */
export const MAX_ENTRIES = 10_000;
const LIMITS = { maxValues: 100_000, maxDepth: 32 };

/** Reads bodies whose entries have one form. */
export type ReadBody<M> = (text: string, bornTimeMs: number) => DecodedBody<M>;

/**
 * Makes a reader of envelopes, `txMessage` with one entry or `txMessages` with several, in any form of the protobuf
 * JSON mapping. Of any other text it says what is wrong. It makes 100,000 values at most, however large the text is.
 */
export function createBodyReader<M>(form: EntryForm<M>): ReadBody<M> {
  const reader = new Reader(form);
  return (text, bornTimeMs) => {
    try {
      return reader.read(parseExactJson(text, LIMITS), text, bornTimeMs);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      const reason = error.code === 'NOT_JSON' ? error.code : 'TOO_MANY_ENTRIES';
      return refused(reason, error.message + mentionedTxNos(text));
    }
  };
}

/** A body that holds nothing but a fault. */
export function refused(reason: string, detail: string): DecodedBody<never> {
  return { transactions: [], faults: [{ reason, detail }] };
}

const MENTIONED = /tx_?no\\*["']?\s*[:=]\s*\\*["']([\w.:-]{1,64})\\*["']/gi;
const SEARCHED = 64 * 1024;
const TOLD = 3;

/** The first txNos that an unreadable text seems to name: for people, and nothing is done with them. */
export function mentionedTxNos(text: string): string {
  const txNos: string[] = [];
  for (const [, txNo = ''] of text.slice(0, SEARCHED).matchAll(MENTIONED)) {
    if (txNos.push(txNo) === TOLD) break;
  }
  return txNos.length === 0 ? '' : `; txNo ${txNos.join(', ')}`;
}

const NAMES = ['txMessage', 'txMessages'];
const misspeltNames = misspellingsOf(NAMES);

/** Tells of parts that stand twice, or under another spelling: a part that is passed over would be lost. */
function* envelopeFaults(json: ExactObject, text: string): Generator<BodyFault> {
  for (const { name, other } of misspeltNames(json)) {
    yield* faultsOf(json[other] ?? null, `${other}: its name is ${name}`);
  }
  for (const name of NAMES) {
    const value = fieldOf(json, name);
    if (!(value instanceof Repeated)) continue;
    const faults = faultsOf(value, `${name}: stands twice`);
    const isNamed = faults.some(({ txNo }) => txNo !== undefined);
    yield* isNamed ? faults : faults.map((one) => ({ ...one, detail: one.detail + mentionedTxNos(text) }));
  }
}

/** Entries with where they stand. One object instead of a list counts as a list of one. */
function* entriesOf(json: ExactObject): Generator<readonly [ExactValue, string]> {
  const single = fieldOf(json, 'txMessage');
  const several = fieldOf(json, 'txMessages');
  if (single !== undefined && !(single instanceof Repeated)) yield [single, 'txMessage'];
  if (several === undefined || several instanceof Repeated) return;
  if (!Array.isArray(several)) return yield [several, 'txMessages'];
  for (const [index, entry] of several.entries()) yield [entry, `txMessages[${index}]`];
}

class Reader<M> {
  readonly #readEntry: ReadEntry<M>;
  readonly #marks: readonly string[];
  readonly #misspeltMarks: ReturnType<typeof misspellingsOf>;

  constructor(form: EntryForm<M>) {
    this.#readEntry = createEntryReader(form);
    this.#marks = form.marks;
    this.#misspeltMarks = misspellingsOf(form.marks);
  }

  read(json: ExactValue, text: string, bornTimeMs: number): DecodedBody<M> {
    if (typeof json === 'string') return this.#readQuoted(json, bornTimeMs);
    if (!isObject(json))
      return refused('NO_TRANSACTION', `the body must be an object${mentionedTxNos(text)}`);
    const transactions: DecodedTransaction<M>[] = [];
    const faults: BodyFault[] = [];
    for (const part of this.#partsOf(json, text, bornTimeMs)) {
      if ('message' in part) transactions.push(part);
      else faults.push(part);
      if (transactions.length + faults.length > MAX_ENTRIES) {
        return refused('TOO_MANY_ENTRIES', `more than ${MAX_ENTRIES} entries${mentionedTxNos(text)}`);
      }
    }
    return transactions.length + faults.length > 0
      ? { transactions, faults }
      : this.#noTransaction(json, text);
  }

  /** What an envelope holds, one part at a time, so that the reader can stop at its limit. */
  *#partsOf(
    json: ExactObject,
    text: string,
    bornTimeMs: number,
  ): Generator<DecodedTransaction<M> | BodyFault> {
    yield* envelopeFaults(json, text);
    for (const [entry, at] of entriesOf(json)) {
      const read = this.#readEntry(entry, at, bornTimeMs);
      if ('message' in read) yield read;
      else yield* read;
    }
  }

  #noTransaction(json: ExactObject, text: string): DecodedBody<M> {
    const reason = 'NO_TRANSACTION';
    const isBare =
      this.#marks.some((name) => fieldOf(json, name) !== undefined) || this.#misspeltMarks(json).length > 0;
    if (!isBare) {
      return refused(reason, `neither txMessage nor txMessages holds a transaction${mentionedTxNos(text)}`);
    }
    return {
      transactions: [],
      faults: faultsOf(json, 'txMessage: is missing; the transaction must stand in it', reason),
    };
  }

  /** JSON that was encoded twice is never applied, but the txNos that it names are told. */
  #readQuoted(quoted: string, bornTimeMs: number): DecodedBody<M> {
    const inner = jsonWithin(quoted);
    if (inner === undefined) return refused('NO_TRANSACTION', 'the body must be an object, not text');
    const { transactions, faults } = this.read(inner, quoted, bornTimeMs);
    const reason = 'NO_TRANSACTION';
    const detail =
      'the body is JSON as text (encoded twice); send the object itself, without quotes around it';
    const txNos = [...transactions, ...faults].flatMap(({ txNo }) => txNo ?? []);
    if (txNos.length === 0) return refused(reason, detail);
    return { transactions: [], faults: txNos.map((txNo) => ({ reason, detail, txNo })) };
  }
}
