import { createToldErrors, describeError, type ToldErrors } from './describe-error.js';

/** Bounds of one log line. A line at all of these bounds has a few KiB. */
const MAX_STRING = 1_000;
const MAX_ITEMS = 20;
const MAX_KEYS = 30;
const MAX_DEPTH = 5;
/** Values per line, including nested ones. */
const MAX_VALUES = 200;

/** The text, or its beginning with its full length. */
export function cutText(text: string, max = MAX_STRING): string {
  return text.length <= max ? text : `${text.slice(0, max)}… (${text.length} characters)`;
}

/** The room that is left in a line, and what the line has told so far. */
interface Budget {
  values: number;
  readonly told: ToldErrors;
}

/**
 * A copy of a log line's fields that is small whatever they hold: texts are cut, lists and objects end early, errors
 * are described. Functions and symbols are left out; bytes are replaced by their length.
 */
export function boundFields(fields: Record<string, unknown>): Record<string, unknown> {
  return boundObject(fields, 0, { values: MAX_VALUES, told: createToldErrors() });
}

function boundObject(value: object, depth: number, budget: Budget): Record<string, unknown> {
  const bounded: Record<string, unknown> = {};
  let keys = 0;
  // Object.entries would first copy a huge object.
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (keys === MAX_KEYS || budget.values <= 0) {
      bounded['…'] = 'more fields';
      break;
    }
    keys += 1;
    bounded[cutText(key, 100)] = boundValue(Reflect.get(value, key), depth + 1, budget);
  }
  return bounded;
}

function boundValue(value: unknown, depth: number, budget: Budget): unknown {
  budget.values -= 1;
  if (typeof value === 'string') return cutText(value);
  if (typeof value === 'bigint') return value.toString().length > 40 ? 'a large number' : value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return boundError(value, depth, budget);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? `${value.length} items` : 'an object';
  if (value instanceof Map || value instanceof Set) return boundList(value, value.size, depth, budget);
  if (Array.isArray(value)) return boundList(value, value.length, depth, budget);
  return boundObject(value, depth, budget);
}

/** An error's causes are nested, so errors are told at any depth. */
function boundError(error: Error, depth: number, budget: Budget): unknown {
  if (budget.told.errors.has(error)) return `the same ${cutText(error.name, 100)}`;
  return boundObject(describeError(error, budget.told), Math.min(depth, 1), budget);
}

function boundList(values: Iterable<unknown>, size: number, depth: number, budget: Budget): unknown[] {
  const bounded: unknown[] = [];
  for (const value of values) {
    if (bounded.length === MAX_ITEMS || budget.values <= 0) break;
    bounded.push(boundValue(value, depth + 1, budget));
  }
  if (size > bounded.length) bounded.push(`… (${size} items)`);
  return bounded;
}
