import type { DescField, DescMessage, Message } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { FieldViolation } from '@txmsg/core';

/** The range of DATETIME: 1000-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, in seconds since the epoch. */
const FIRST_SECOND = -30_610_224_000n;
const LAST_SECOND = 253_402_300_799n;
const NANOS = 1_000_000_000;

const DESCRIPTION = 'must be a time from year 1000 to 9999';

type Fields = Readonly<Record<string, unknown>>;

/**
 * True when a database can hold this time. A time outside of the range makes an invalid Date, or a statement that the
 * server refuses.
 */
export function isStorableTime({ seconds, nanos }: Pick<Timestamp, 'seconds' | 'nanos'>): boolean {
  return seconds >= FIRST_SECOND && seconds <= LAST_SECOND && nanos >= 0 && nanos < NANOS;
}

/** Every time in a message, at any depth, that no database can hold. */
export function unstorableTimes(schema: DescMessage, message: Message): FieldViolation[] {
  return schema.fields.flatMap((field) => {
    if (field.message === undefined || field.fieldKind === 'map') return [];
    const { message: inner } = field;
    return valuesOf(field, message).flatMap(({ path, value }) => {
      if (inner.typeName === 'google.protobuf.Timestamp')
        return isStorableTime(value as Timestamp) ? [] : [{ field: path, description: DESCRIPTION }];
      return unstorableTimes(inner, value).map((fault) => ({ ...fault, field: `${path}.${fault.field}` }));
    });
  });
}

/** The messages in a field, with their paths. */
function valuesOf(field: DescField, message: Message): { path: string; value: Message }[] {
  const { localName, oneof } = field;
  const fields = message as unknown as Fields;
  if (oneof) {
    const member = fields[oneof.localName] as { case?: string; value?: unknown } | undefined;
    return member?.case === localName ? [{ path: field.name, value: member.value as Message }] : [];
  }
  const value = fields[localName];
  if (value === undefined) return [];
  if (field.fieldKind !== 'list') return [{ path: field.name, value: value as Message }];
  return (value as readonly Message[]).map((item, index) => ({
    path: `${field.name}[${index}]`,
    value: item,
  }));
}
