import { type DescEnum, type Message, ScalarType } from '@bufbuild/protobuf';
import type {
  BytesRules,
  EnumRules,
  FieldRules,
  Int32Rules,
  Int64Rules,
  StringRules,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

/** True means that a value is certainly valid; false means nothing. */
export type Check = (value: unknown) => boolean;

/** One class of ASCII characters for the whole text. RE2 and V8 read such a pattern alike. */
const PLAIN_PATTERN = /^\^\[[A-Za-z0-9_.:-]+\][*+]\$$/;

/**
 * Compiles the rules of one scalar or enum value. Returns undefined for rules that this compiler doesn't know.
 *
 * @param kind the value's scalar type, or its enum
 */
export function compileRules(
  rules: FieldRules | undefined,
  kind: ScalarType | DescEnum | undefined,
): Check | undefined {
  if (!rules || onlySets(rules, [])) return () => true;
  if (rules.type.case === undefined || !onlySets(rules, [rules.type.case])) return undefined;
  const { case: name, value } = rules.type;
  if (name === 'int32' && kind === ScalarType.INT32) return compileInteger(value, 'number');
  if (name === 'int64' && kind === ScalarType.INT64) return compileInteger(value, 'bigint');
  if (name === 'string' && kind === ScalarType.STRING) return compileText(value);
  if (name === 'bytes' && kind === ScalarType.BYTES) return compileBytes(value);
  if (name === 'enum' && typeof kind === 'object') return compileEnum(value, kind);
  return undefined;
}

/** True when a message of rules sets only these fields and members of its oneofs. */
export function onlySets(rules: Message, names: readonly string[]): boolean {
  return Object.entries<unknown>({ ...rules }).every(([key, value]) => {
    if (key === '$typeName' || names.includes(key)) return true;
    if (Array.isArray(value)) return value.length === 0;
    // A oneof is present even when none of its members is.
    if (typeof value !== 'object' || value === null || !('case' in value)) return false;
    return value.case === undefined || names.includes(String(value.case));
  });
}

function compileInteger(rules: Int32Rules | Int64Rules, type: 'number' | 'bigint'): Check | undefined {
  if (!onlySets(rules, ['gt', 'gte', 'lt', 'lte'])) return undefined;
  const { greaterThan: low, lessThan: high } = rules;
  // A lower bound above the upper one means the values outside of both.
  if (low.case && high.case && low.value >= high.value) return undefined;
  return (value) => {
    if (typeof value !== type) return false;
    const number = value as number | bigint;
    const aboveLow = !low.case || number > low.value || (low.case === 'gte' && number === low.value);
    return aboveLow && (!high.case || number < high.value || (high.case === 'lte' && number === high.value));
  };
}

/** Rules count characters. A text has at most as many characters as UTF-16 units, and at least half as many. */
function compileText(rules: StringRules): Check | undefined {
  if (!onlySets(rules, ['minLen', 'maxLen', 'pattern'])) return undefined;
  if (rules.pattern !== '' && !PLAIN_PATTERN.test(rules.pattern)) return undefined;
  const pattern = rules.pattern === '' ? undefined : new RegExp(rules.pattern, 'u');
  const least = Math.max(0, 2 * Number(rules.minLen) - 1);
  const most = upperBound(rules, 'maxLen');
  return (value) =>
    typeof value === 'string' &&
    value.length >= least &&
    value.length <= most &&
    (!pattern || pattern.test(value));
}

function compileBytes(rules: BytesRules): Check | undefined {
  if (!onlySets(rules, ['minLen', 'maxLen'])) return undefined;
  const least = Number(rules.minLen);
  const most = upperBound(rules, 'maxLen');
  return (value) => value instanceof Uint8Array && value.length >= least && value.length <= most;
}

function compileEnum(rules: EnumRules, { values }: DescEnum): Check | undefined {
  if (!onlySets(rules, ['definedOnly', 'notIn'])) return undefined;
  const refused = new Set(rules.notIn);
  const accepted = new Set(values.map(({ number }) => number).filter((number) => !refused.has(number)));
  return (value) => accepted.has(value as number);
}

/** The value of a rule that sets an upper bound; Infinity when the rule is not set. */
export function upperBound<K extends string>(rules: Readonly<Record<K, bigint>>, name: K): number {
  return Object.hasOwn(rules, name) ? Number(rules[name]) : Number.POSITIVE_INFINITY;
}
