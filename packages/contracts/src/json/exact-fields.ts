import { isTxNo } from '../tx-no.js';
import { ExactNumber, type ExactObject, type ExactValue, parseExactJson, Repeated } from './exact-json.js';

/** What JSON within a text may hold, where only its txNo is looked for. */
const INNER_LIMITS = { maxValues: 10_000, maxDepth: 16 };

/** Longer names are no spelling of ours. */
const MAX_SPELLING = 32;

/** The value is an object. */
export function isObject(value: ExactValue | undefined): value is ExactObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof ExactNumber) && !(value instanceof Repeated);
}

/**
 * The value of a field, by its JSON name or its proto name: undefined when it is missing or null, Repeated when it
 * stands twice.
 */
export function fieldOf(object: ExactObject, name: string): ExactValue | undefined {
  const value = object[name] ?? undefined;
  const snake = protoName(name);
  const other = snake === name ? undefined : (object[snake] ?? undefined);
  return value !== undefined && other !== undefined ? new Repeated([value, other]) : (value ?? other);
}

/** A name that means a field to a person but not to the protobuf JSON mapping, such as ProductId for productId. */
export interface Misspelling {
  /** The right name. */
  readonly name: string;
  /** The name that stands there. */
  readonly other: string;
}

/** Finds names of an object that are another spelling of one of these fields. Names with a null value mean nothing. */
export function misspellingsOf(names: readonly string[]): (object: ExactObject) => Misspelling[] {
  const right = new Set(names.flatMap((name) => [name, protoName(name)]));
  const meant = new Map(names.map((name) => [plain(name), name]));
  return (object) => {
    const found: Misspelling[] = [];
    for (const other of Object.keys(object)) {
      if (right.has(other) || other.length > MAX_SPELLING || object[other] === null) continue;
      const name = meant.get(plain(other));
      if (name !== undefined) found.push({ name, other });
    }
    return found;
  };
}

function protoName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What is left of a name without case and separators. */
function plain(name: string): string {
  return name.replaceAll(/[^a-z0-9]/gi, '').toLowerCase();
}

const misspeltTxNos = misspellingsOf(['txNo']);

/** The txNos that a part names in any form: an object, a list of objects, values of one name, or JSON within a text. */
export function readableTxNos(value: ExactValue | undefined): string[] {
  return [...new Set(txNosIn(value))];
}

function txNosIn(value: ExactValue | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => (isObject(item) ? txNosIn(item) : []));
  if (value instanceof Repeated) return value.values.flatMap(txNosIn);
  if (typeof value === 'string') return txNosIn(jsonWithin(value));
  if (!isObject(value)) return [];
  const names = ['txNo', 'tx_no', ...misspeltTxNos(value).map(({ other }) => other)];
  return names.flatMap((name) => namedBy(value[name]));
}

function namedBy(value: ExactValue | undefined): string[] {
  if (value instanceof Repeated) return value.values.flatMap(namedBy);
  const txNo = value instanceof ExactNumber ? value.source : value;
  return isTxNo(txNo) ? [txNo] : [];
}

/** The object or list that a text holds as JSON; undefined for any other text. */
export function jsonWithin(text: string): ExactValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseExactJson(text, INNER_LIMITS);
  } catch {
    return undefined;
  }
}
