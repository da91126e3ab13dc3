import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import { isObject, misspellingsOf } from '../json/exact-fields.js';
import { exactInteger } from '../json/exact-integer.js';
import { ExactNumber, type ExactObject, type ExactValue, Repeated } from '../json/exact-json.js';
import { shown } from './body-fault.js';

/** A value that can't be read to the last digit, or to the last name. */
class InexactError extends Error {
  override readonly name = 'InexactError';
}

/** What a value is read as: a message, one field's value, or anything at all. */
type Target = DescMessage | DescField | 'any';

/** The longest text that an integer is read from: to read a million digits takes seconds. */
const MAX_INTEGER_TEXT = 64;
/** Their JSON is what they hold, so that it has no names of fields. */
const DYNAMIC = new Set(['google.protobuf.Struct', 'google.protobuf.Value', 'google.protobuf.ListValue']);
const INTEGERS = new Set([
  ScalarType.INT32,
  ScalarType.INT64,
  ScalarType.UINT32,
  ScalarType.UINT64,
  ScalarType.SINT32,
  ScalarType.SINT64,
  ScalarType.FIXED32,
  ScalarType.FIXED64,
  ScalarType.SFIXED32,
  ScalarType.SFIXED64,
]);

/**
 * Turns exact JSON into what protobuf-es reads as a message. An integer that no double holds exactly becomes text, which
 * the mapping takes as well.
 *
 * @throws Error when a name stands twice or is another spelling of a field, a number is too large, or an integer is none
 */
export function plainJson(value: ExactValue, schema: DescMessage): JsonValue {
  return plain(value, schema);
}

function plain(value: ExactValue, target: Target): JsonValue {
  if (value instanceof ExactNumber) return plainNumber(value.source, target);
  if (value instanceof Repeated) throw new InexactError('a name stands twice in one object');
  if (Array.isArray(value)) return value.map((item) => plain(item, target));
  if (isObject(value)) return plainObject(value, target);
  if (typeof value === 'string' && isInteger(target)) return integerText(value);
  return value;
}

function plainObject(value: ExactObject, target: Target): JsonObject {
  const names = Object.entries(value);
  if (target === 'any' || isDynamic(target)) return objectOf(names, () => 'any');
  if (target.kind === 'message') return objectOf(names, fieldsOf(target).read(value));
  if (target.fieldKind === 'map') {
    if (target.mapKey !== ScalarType.STRING) names.forEach(([name]) => void integerText(name));
    return objectOf(names, () => (target.mapKind === 'message' ? target.message : target));
  }
  const { message } = target;
  return message ? plainObject(value, message) : objectOf(names, () => 'any');
}

function objectOf(names: readonly [string, ExactValue][], targetOf: (name: string) => Target): JsonObject {
  return Object.fromEntries(names.map(([name, inner]) => [name, plain(inner, targetOf(name))]));
}

interface Fields {
  /** Checks the names of an object, and gives what each is read as. */
  read(object: ExactObject): (name: string) => Target;
}

const known = new WeakMap<DescMessage, Fields>();

function fieldsOf(message: DescMessage): Fields {
  const found = known.get(message) ?? createFields(message);
  known.set(message, found);
  return found;
}

function createFields({ fields }: DescMessage): Fields {
  const byName = new Map<string, Target>();
  for (const field of fields) for (const name of [field.name, field.jsonName]) byName.set(name, field);
  const misspellings = misspellingsOf(fields.map(({ jsonName }) => jsonName));
  return {
    read(object) {
      const [wrong] = misspellings(object).filter(({ other }) => !byName.has(other));
      if (wrong) throw new InexactError(`${wrong.name}: ${shown(wrong.other)} is not its name`);
      return (name) => byName.get(name) ?? 'any';
    },
  };
}

function plainNumber(source: string, target: Target): JsonValue {
  const number = Number(source);
  if (!Number.isFinite(number)) throw new InexactError(`${shown(new ExactNumber(source))} is too large`);
  if (!isInteger(target)) return number;
  const integer = exactInteger(source);
  if (integer === undefined) throw new InexactError(`${shown(new ExactNumber(source))} is no integer`);
  return Number.isSafeInteger(number) ? number : integer.toString();
}

function integerText(text: string): string {
  if (text.length > MAX_INTEGER_TEXT) throw new InexactError(`${text.length} characters are no integer`);
  return text;
}

/** A name of an enum is text, too, and shorter than that. */
function isInteger(target: Target): boolean {
  if (target === 'any') return false;
  const wrapper = target.kind === 'message' ? target : target.message;
  const field = wrapper && isWrapperDesc(wrapper) ? wrapper.fields[0] : target;
  if (field?.kind !== 'field') return false;
  return field.scalar !== undefined && INTEGERS.has(field.scalar);
}

function isDynamic(target: Target): boolean {
  const message = target === 'any' || target.kind === 'field' ? undefined : target;
  return message !== undefined && DYNAMIC.has(message.typeName);
}
