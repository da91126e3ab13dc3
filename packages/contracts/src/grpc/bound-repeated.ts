import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  getOption,
  type Message,
} from '@bufbuild/protobuf';
import { field as rulesOf } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

/** Wire types, as the low bits of a tag. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const GROUP_START = 3;
const GROUP_END = 4;
const FIXED32 = 5;

interface Bound {
  readonly field: DescField;
  readonly maxItems: number;
  /** What stands for each item of a list that is too long: they are not made. */
  readonly item: unknown;
}

/**
 * Makes a decoder that counts the items of repeated fields before it makes them. A message with more of them than its rules
 * allow is read up to the first of them; its list then holds one item more than allowed, all of them the same blank one, so
 * that whoever checks the message refuses it for this. Fields that are not known are left out.
 */
export function createBoundedDecoder(schema: DescMessage): (bytes: Uint8Array) => Message {
  const bounds = schema.fields.flatMap((field): Bound[] => {
    const rules = getOption(field, rulesOf).type;
    if (field.fieldKind !== 'list' || rules.case !== 'repeated' || rules.value.maxItems === 0n) return [];
    const item = field.listKind === 'message' ? Object.freeze(create(field.message)) : '';
    return [{ field, maxItems: Number(rules.value.maxItems), item }];
  });
  const decode = (bytes: Uint8Array) => fromBinary(schema, bytes, { readUnknownFields: false });
  return (bytes) => {
    for (const { field, maxItems, item } of bounds) {
      // An item has two bytes at least.
      if (bytes.length <= 2 * maxItems) continue;
      const first = firstOfTooMany(bytes, field.number, maxItems);
      if (first === undefined) continue;
      const items = new Array(maxItems + 1).fill(item);
      return Object.assign(decode(bytes.subarray(0, first)), { [field.localName]: items });
    }
    return decode(bytes);
  };
}

/** Where the first item of a repeated field stands, when there are more than `max`. Makes nothing of what it passes. */
function firstOfTooMany(bytes: Uint8Array, fieldNumber: number, max: number): number | undefined {
  const reader = { bytes, at: 0 };
  let first: number | undefined;
  let count = 0;
  let depth = 0;
  while (reader.at < bytes.length) {
    const start = reader.at;
    const tag = readVarint(reader);
    if (depth === 0 && Math.floor(tag / 8) === fieldNumber) {
      first ??= start;
      count += 1;
      if (count > max) return first;
    }
    const type = tag % 8;
    if (type === VARINT) readVarint(reader);
    else if (type === FIXED64) reader.at += 8;
    else if (type === FIXED32) reader.at += 4;
    else if (type === BYTES) skip(reader, readVarint(reader));
    else if (type === GROUP_START) depth += 1;
    else if (type === GROUP_END) depth -= 1;
    // Not a message: whoever reads it says so.
    else return undefined;
  }
  return undefined;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function skip(reader: Reader, length: number): void {
  reader.at += length;
}

/** The low 32 bits, as protobuf-es reads tags and lengths: the bytes beyond are passed, and say nothing. */
function readVarint(reader: Reader): number {
  let value = 0;
  let unit = 1;
  for (;;) {
    const byte = reader.bytes[reader.at] ?? 0;
    reader.at += 1;
    if (unit < 2 ** 35) value += (byte % 128) * unit;
    if (byte < 128) return value % 2 ** 32;
    unit *= 128;
  }
}
