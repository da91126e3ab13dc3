import { isTxNo } from '../domain/transaction-rules.js';
import { ExactNumber, type ExactObject, type ExactValue, parseExactJson, REPEATED } from './exact-json.js';

/** What JSON within a text may hold, where only its txNo is looked for. */
const INNER_LIMITS = { maxValues: 10_000, maxDepth: 16 };

/** The value is an object. */
export function isObject(value: ExactValue | undefined): value is ExactObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

/**
 * The value of a field by its JSON name or its proto name; undefined when it is missing or null, REPEATED when it stands
 * twice.
 */
export function fieldOf(object: ExactObject, name: string): ExactValue | undefined {
  const value = object[name] ?? undefined;
  const other = object[protoName(name)] ?? undefined;
  return value !== undefined && other !== undefined ? REPEATED : (value ?? other);
}

/** Names of the object that mean this field to a person but not to the protobuf JSON mapping, such as ProductId. */
export function misspelt(object: ExactObject, name: string): string[] {
  const meant = plain(name);
  const others = Object.keys(object).filter((key) => plain(key) === meant);
  return others.filter((key) => key !== name && key !== protoName(name));
}

function protoName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function plain(name: string): string {
  return name.length > 32 ? name : name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** The txNos that a part names, however it is written: in an object, a list of them, or JSON within a text. */
export function readableTxNos(value: ExactValue | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => (isObject(item) ? readableTxNos(item) : []));
  if (typeof value === 'string') return readableTxNos(jsonWithin(value));
  if (!isObject(value)) return [];
  const names = ['txNo', 'tx_no', ...misspelt(value, 'txNo')];
  const found = names.map((name) => value[name]).find((txNo) => txNo !== undefined && txNo !== null);
  const txNo = found instanceof ExactNumber ? found.source : found;
  return isTxNo(txNo) ? [txNo] : [];
}

/** The object or list that a text is the JSON of; undefined for any other text. */
export function jsonWithin(text: string): ExactValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseExactJson(text, INNER_LIMITS);
  } catch {
    return undefined;
  }
}
