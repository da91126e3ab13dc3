import type { Transaction } from '../domain/transaction.js';
import { transactionFaults } from '../domain/transaction-rules.js';
import { type BodyFault, shown } from './body-fault.js';
import { fieldOf, isObject, jsonWithin, misspellingsOf, readableTxNos } from './exact-fields.js';
import { exactInteger } from './exact-integer.js';
import { ExactNumber, type ExactObject, type ExactValue, Repeated } from './exact-json.js';

const misspellings = misspellingsOf(['productId', 'payCount', 'txNo', 'createTime']);
const MAX_INT64 = 2n ** 63n - 1n;
const MISSING = 'is missing';
const REFERENCE =
  'is a reference ($ref) of fastjson; write the object out (SerializerFeature.DisableCircularReferenceDetect)';

/**
 * Reads one TxMessage of the protobuf JSON mapping, exactly or not at all: integers are numbers or texts of any notation
 * that means an integer. Unknown fields are ignored, but not another spelling of a known one: its value would be lost.
 *
 * @param at where it stands, such as `txMessages[3]`
 * @param bornTimeMs stands in for a missing create time
 */
export function readEntry(
  entry: ExactValue,
  at: string,
  bornTimeMs: number,
): Transaction | readonly BodyFault[] {
  if (typeof entry === 'string') return textFaults(entry, at);
  if (!isObject(entry)) return faultsOf(entry, `${at}: ${notAnObject(entry)}`);
  if ('$ref' in entry) return faultsOf(entry, `${at}: ${REFERENCE}`);
  const faults: string[] = [];
  const tell = (fault: string) => faults.push(fault);
  const misspelt = new Map(misspellings(entry).map(({ name, other }) => [name, other]));
  const reading: Reading = { entry, misspelt, tell };
  // A value that can't be read is told; what stands in for it passes the rules.
  const transaction = {
    productId: integerOf(reading, 'productId') ?? 1n,
    payCount: Number(integerOf(reading, 'payCount') ?? 1),
    txNo: textOf(reading, 'txNo') ?? '-',
    createTimeMs: Number(integerOf(reading, 'createTime', 0n) ?? bornTimeMs) || bornTimeMs,
  };
  faults.push(...transactionFaults(transaction));
  return faults.length === 0 ? transaction : faultsOf(entry, `${at}: ${faults.join('; ')}`);
}

/** One fault for each txNo that the part names, or one without. */
export function faultsOf(part: ExactValue, detail: string): readonly BodyFault[] {
  const txNos = readableTxNos(part);
  const reason = 'INVALID_FIELD';
  return txNos.length === 0 ? [{ reason, detail }] : txNos.map((txNo) => ({ reason, detail, txNo }));
}

/** What a text names is known, though it is never applied. */
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

interface Reading {
  readonly entry: ExactObject;
  /** Another spelling that stands in the entry, by the field's name. */
  readonly misspelt: ReadonlyMap<string, string>;
  readonly tell: (fault: string) => void;
}

/** Undefined, and told, when it is no exact int64. */
function integerOf(reading: Reading, name: string, missing?: bigint): bigint | undefined {
  const value = fieldOf(reading.entry, name);
  const unclear = notClear(reading, name, value);
  if (unclear === MISSING && missing !== undefined) return missing;
  const source = value instanceof ExactNumber ? value.source : value;
  const integer = typeof source === 'string' && unclear === undefined ? exactInteger(source) : undefined;
  if (integer !== undefined && integer >= -MAX_INT64 && integer <= MAX_INT64) return integer;
  reading.tell(`${name}: ${unclear ?? `${shown(value)} is no int64`}`);
  return undefined;
}

function textOf(reading: Reading, name: string): string | undefined {
  const value = fieldOf(reading.entry, name);
  const unclear = notClear(reading, name, value);
  if (typeof value === 'string' && unclear === undefined) return value;
  reading.tell(`${name}: ${unclear ?? `${shown(value)} must be text, in quotes`}`);
  return undefined;
}

/** What is wrong with a field of whatever type; undefined when only the type may be. */
function notClear({ misspelt }: Reading, name: string, value: ExactValue | undefined): string | undefined {
  const other = misspelt.get(name);
  if (other !== undefined)
    return `${value === undefined ? `${MISSING}; ` : ''}${shown(other)} is not its name`;
  if (value instanceof Repeated) return 'stands twice';
  if (isObject(value) && '$ref' in value) return REFERENCE;
  return value === undefined ? MISSING : undefined;
}
