import { fieldOf, isObject, jsonWithin, misspellingsOf, readableTxNos } from '../json/exact-fields.js';
import { exactInteger } from '../json/exact-integer.js';
import { ExactNumber, type ExactObject, type ExactValue, Repeated } from '../json/exact-json.js';
import { type BodyFault, shown } from './body-fault.js';
import type { DecodedTransaction } from './message-type.js';

const MAX_INT64 = 2n ** 63n - 1n;
const MISSING = 'is missing';
const REFERENCE =
  'is a reference ($ref) of fastjson; write the object out (SerializerFeature.DisableCircularReferenceDetect)';

/** The fields of an entry while it is read. A field that can't be read is told, and is undefined. */
export interface EntryReader {
  /** An int64 as a number or as text, in any notation that means an integer. */
  integer(name: string, missing?: bigint): bigint | undefined;
  text(name: string, missing?: string): string | undefined;
  object(name: string): ExactObject | undefined;
  /** Adds a fault of the entry. */
  tell(fault: string): void;
}

/** How one entry of a body is written. */
export interface EntryForm<M> {
  /** The JSON names of its fields. Another spelling of one of them is a fault: its value would be lost. */
  readonly names: readonly string[];
  /** Names that show that an object is an entry, where a body should be. */
  readonly marks: readonly string[];
  /** Reads an entry, or says why it is none of this form. What it returns beside a fault doesn't count. */
  read(fields: EntryReader, bornTimeMs: number): DecodedTransaction<M> | Refusal;
}

/** Why an entry that may be readable isn't for us. */
export interface Refusal {
  /** Upper-case code. */
  readonly reason: string;
  readonly detail: string;
}

/** Reads entries of one form of the protobuf JSON mapping, exactly or not at all. Unknown fields are ignored. */
export type ReadEntry<M> = (
  entry: ExactValue,
  /** Where it stands, such as `txMessages[3]`. */
  at: string,
  bornTimeMs: number,
) => DecodedTransaction<M> | readonly BodyFault[];

/** Makes the reader of a form. */
export function createEntryReader<M>({ names, read }: EntryForm<M>): ReadEntry<M> {
  const misspellings = misspellingsOf(names);
  return (entry, at, bornTimeMs) => {
    if (typeof entry === 'string') return textFaults(entry, at);
    if (!isObject(entry)) return faultsOf(entry, `${at}: ${notAnObject(entry)}`);
    if ('$ref' in entry) return faultsOf(entry, `${at}: ${REFERENCE}`);
    const faults: string[] = [];
    const misspelt = new Map(misspellings(entry).map(({ name, other }) => [name, other]));
    const fields = new Fields(entry, misspelt, faults);
    const transaction = read(fields, bornTimeMs);
    if (faults.length > 0) return faultsOf(entry, `${at}: ${faults.join('; ')}`);
    if ('reason' in transaction) return faultsOf(entry, `${at}: ${transaction.detail}`, transaction.reason);
    return transaction;
  };
}

/** One fault per txNo that the part names, or one without. */
export function faultsOf(part: ExactValue, detail: string, reason = 'INVALID_FIELD'): readonly BodyFault[] {
  const txNos = readableTxNos(part);
  return txNos.length === 0 ? [{ reason, detail }] : txNos.map((txNo) => ({ reason, detail, txNo }));
}

/** The txNos that a text names are told, though the text is never applied. */
function textFaults(text: string, at: string): readonly BodyFault[] {
  const inner = jsonWithin(text);
  const detail =
    inner === undefined
      ? notAnObject(text)
      : 'is JSON as text (encoded twice); write the object itself, without quotes around it';
  return faultsOf(inner ?? null, `${at}: ${detail}`);
}

function notAnObject(entry: ExactValue): string {
  const hint = Array.isArray(entry) ? '; several stand in txMessages' : '';
  return `must be an object, not ${shown(entry)}${hint}`;
}

class Fields implements EntryReader {
  readonly #entry: ExactObject;
  /** Another spelling that stands in the entry, by the field's name. */
  readonly #misspelt: ReadonlyMap<string, string>;
  readonly #faults: string[];

  constructor(entry: ExactObject, misspelt: ReadonlyMap<string, string>, faults: string[]) {
    this.#entry = entry;
    this.#misspelt = misspelt;
    this.#faults = faults;
  }

  integer(name: string, missing?: bigint): bigint | undefined {
    const value = fieldOf(this.#entry, name);
    const unclear = this.#notClear(name, value);
    if (unclear === MISSING && missing !== undefined) return missing;
    const source = value instanceof ExactNumber ? value.source : value;
    const integer = typeof source === 'string' && unclear === undefined ? exactInteger(source) : undefined;
    if (integer !== undefined && integer >= -MAX_INT64 && integer <= MAX_INT64) return integer;
    this.tell(`${name}: ${unclear ?? `${shown(value)} is no int64`}`);
    return undefined;
  }

  text(name: string, missing?: string): string | undefined {
    const value = fieldOf(this.#entry, name);
    const unclear = this.#notClear(name, value);
    if (unclear === MISSING && missing !== undefined) return missing;
    if (typeof value === 'string' && unclear === undefined) return value;
    this.tell(`${name}: ${unclear ?? `${shown(value)} must be text, in quotes`}`);
    return undefined;
  }

  object(name: string): ExactObject | undefined {
    const value = fieldOf(this.#entry, name);
    const unclear = this.#notClear(name, value);
    if (isObject(value) && unclear === undefined) return value;
    this.tell(`${name}: ${unclear ?? `${shown(value)} must be an object`}`);
    return undefined;
  }

  tell(fault: string): void {
    this.#faults.push(fault);
  }

  /** What is wrong with a field of whatever type; undefined when only the type may be. */
  #notClear(name: string, value: ExactValue | undefined): string | undefined {
    const other = this.#misspelt.get(name);
    if (other !== undefined)
      return `${value === undefined ? `${MISSING}; ` : ''}${shown(other)} is not its name`;
    if (value instanceof Repeated) return 'stands twice';
    if (isObject(value) && '$ref' in value) return REFERENCE;
    return value === undefined ? MISSING : undefined;
  }
}
