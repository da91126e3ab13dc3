import type { Transaction } from '../domain/transaction.js';
import { transactionFaults } from '../domain/transaction-rules.js';
import { type BodyFault, shown } from './body-fault.js';
import { fieldOf, isObject, jsonWithin, misspelt, readableTxNos } from './exact-fields.js';
import { exactInteger } from './exact-integer.js';
import { ExactNumber, type ExactObject, type ExactValue, REPEATED } from './exact-json.js';

const MAX_INT64 = 2n ** 63n - 1n;
const REFERENCE =
  'is a reference ($ref) of fastjson; write the object out (SerializerFeature.DisableCircularReferenceDetect)';

/**
 * Reads one TxMessage of the protobuf JSON mapping, exactly or not at all: integers are numbers or texts of any notation
 * that means an integer, unknown fields are ignored.
 *
 * @param at where it stands, such as `txMessages[3]`
 * @param bornTimeMs stands in for a missing create time
 */
export function readEntry(
  entry: ExactValue,
  at: string,
  bornTimeMs: number,
): Transaction | readonly BodyFault[] {
  if (!isObject(entry)) return faultsOf(entry, `${at}: ${notAnObject(entry)}`);
  if ('$ref' in entry) return faultsOf(entry, `${at}: ${REFERENCE}`);
  const faults: string[] = [];
  const tell = (fault: string) => faults.push(fault);
  // A value that can't be read is told; what stands in for it passes the rules.
  const transaction = {
    productId: integerOf(entry, 'productId', tell) ?? 1n,
    payCount: Number(integerOf(entry, 'payCount', tell) ?? 1),
    txNo: textOf(entry, 'txNo', tell) ?? '-',
    createTimeMs: Number(integerOf(entry, 'createTime', tell, 0n) ?? bornTimeMs) || bornTimeMs,
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

function notAnObject(entry: ExactValue): string {
  if (typeof entry === 'string' && jsonWithin(entry) !== undefined) {
    return 'is JSON as text (encoded twice); write the object itself, without quotes around it';
  }
  const hint = Array.isArray(entry) ? '; several stand in txMessages' : '';
  return `must be an object, not ${shown(entry)}${hint}`;
}

/** Undefined, and told, when it is no exact int64. */
function integerOf(
  entry: ExactObject,
  name: string,
  tell: (fault: string) => void,
  missing?: bigint,
): bigint | undefined {
  const value = fieldOf(entry, name);
  if (value === undefined && missing !== undefined) return missing;
  const source = value instanceof ExactNumber ? value.source : value;
  const integer = typeof source === 'string' ? exactInteger(source) : undefined;
  if (integer !== undefined && integer >= -MAX_INT64 && integer <= MAX_INT64) return integer;
  tell(notClear(entry, name, value) ?? `${name}: ${shown(value)} is no int64`);
  return undefined;
}

function textOf(entry: ExactObject, name: string, tell: (fault: string) => void): string | undefined {
  const value = fieldOf(entry, name);
  if (typeof value === 'string') return value;
  tell(notClear(entry, name, value) ?? `${name}: ${shown(value)} must be text, in quotes`);
  return undefined;
}

/** What is wrong with a field of whatever type; undefined when only the type is. */
function notClear(entry: ExactObject, name: string, value: ExactValue | undefined): string | undefined {
  if (value === REPEATED) return `${name}: stands twice`;
  if (isObject(value) && '$ref' in value) return `${name}: ${REFERENCE}`;
  if (value !== undefined) return undefined;
  const [other] = misspelt(entry, name);
  return `${name}: is missing${other === undefined ? '' : `; ${shown(other)} is not its name`}`;
}
