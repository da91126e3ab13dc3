import {
  type DescField,
  type DescMessage,
  type DescOneof,
  getOption,
  type Message,
} from '@bufbuild/protobuf';
import { Edition, FeatureSet_FieldPresence, type Timestamp } from '@bufbuild/protobuf/wkt';
import {
  type FieldRules,
  field as fieldOption,
  message as messageOption,
  oneof as oneofOption,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { type Check, compileRules, onlySets, upperBound } from './compile-rules.js';
import { isStorableTime } from './storable-times.js';

/** Well-known messages that are checked only by the rules of their field, and by these functions. */
const TIMES: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['google.protobuf.Timestamp', (value: unknown) => isStorableTime(value as Timestamp)],
  ['google.protobuf.Duration', () => true],
]);

type Fields = Readonly<Record<string, unknown>>;

/**
 * Compiles the `buf.validate` rules of a message to a plain function that says "certainly valid". False means nothing:
 * ask protovalidate, which also words the faults. Returns undefined when the message, or a message in it, has a rule or
 * a shape that this compiler doesn't know.
 */
export function compileValidity(schema: DescMessage): ((message: Message) => boolean) | undefined {
  const check = compileMessage(schema, new Set());
  return check && ((message) => message.$typeName === schema.typeName && check(message));
}

function compileMessage(schema: DescMessage, outer: ReadonlySet<DescMessage>): Check | undefined {
  const time = TIMES.get(schema.typeName);
  if (time) return time;
  const unknown =
    schema.file.edition !== Edition.EDITION_PROTO3 ||
    schema.typeName.startsWith('google.protobuf.') ||
    !onlySets(getOption(schema, messageOption), []);
  // Compiling a message that holds itself would never end.
  if (unknown || outer.has(schema)) return undefined;
  const within = new Set([...outer, schema]);
  return all([
    ...schema.oneofs.map(compileOneof),
    ...schema.fields.map((field) => compileField(field, within)),
  ]);
}

function compileOneof(oneof: DescOneof): Check | undefined {
  const rules = getOption(oneof, oneofOption);
  if (!onlySets(rules, ['required'])) return undefined;
  const { localName } = oneof;
  return (message) =>
    !rules.required || ((message as Fields)[localName] as { case?: string }).case !== undefined;
}

function compileField(field: DescField, outer: ReadonlySet<DescMessage>): Check | undefined {
  const rules = getOption(field, fieldOption);
  const check = compileValue(field, rules, outer);
  if (!check) return undefined;
  const { localName, oneof } = field;
  if (oneof) {
    return (message) => {
      const member = (message as Fields)[oneof.localName] as { case?: string; value?: unknown };
      return member.case === localName ? check(member.value) : !rules.required;
    };
  }
  if (field.fieldKind === 'list' || field.presence === FeatureSet_FieldPresence.IMPLICIT) {
    // `required` of a zero value or an empty list is a rule that this compiler doesn't know: there is no check then.
    return (message) => check((message as Fields)[localName]);
  }
  return (message) => {
    const value = (message as Fields)[localName];
    return value === undefined ? !rules.required : check(value);
  };
}

/** A check of a field's value when the field is present. */
function compileValue(
  field: DescField,
  rules: FieldRules,
  outer: ReadonlySet<DescMessage>,
): Check | undefined {
  switch (field.fieldKind) {
    case 'scalar':
      return compileRules(rules, field.scalar);
    case 'enum':
      return compileRules(rules, field.enum);
    case 'message':
      return onlySets(rules, ['required']) ? compileMessage(field.message, outer) : undefined;
    case 'list':
      return compileList(field, rules, outer);
    default:
      return undefined;
  }
}

function compileList(
  field: DescField & { fieldKind: 'list' },
  rules: FieldRules,
  outer: ReadonlySet<DescMessage>,
): Check | undefined {
  if (!onlySets(rules, ['repeated'])) return undefined;
  const list = rules.type.case === 'repeated' ? rules.type.value : undefined;
  if (list && !onlySets(list, ['minItems', 'maxItems', 'items'])) return undefined;
  const item = compileItem(field, list?.items, outer);
  if (!item) return undefined;
  const least = list ? Number(list.minItems) : 0;
  const most = list ? upperBound(list, 'maxItems') : Number.POSITIVE_INFINITY;
  return (value) => {
    const items = value as readonly unknown[];
    return items.length >= least && items.length <= most && items.every(item);
  };
}

function compileItem(
  field: DescField & { fieldKind: 'list' },
  rules: FieldRules | undefined,
  outer: ReadonlySet<DescMessage>,
): Check | undefined {
  if (field.listKind !== 'message') return compileRules(rules, field.enum ?? field.scalar);
  return !rules || onlySets(rules, []) ? compileMessage(field.message, outer) : undefined;
}

/** True when all checks are; undefined when one check is missing. */
function all(checks: readonly (Check | undefined)[]): Check | undefined {
  const known = checks.filter((check) => check !== undefined);
  if (known.length < checks.length) return undefined;
  return (value) => {
    for (const check of known) if (!check(value)) return false;
    return true;
  };
}
