import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  getOption,
  type Message,
  mergeFromBinary,
} from '@bufbuild/protobuf';
import { field as rulesOf } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

interface Bound {
  readonly field: DescField;
  readonly maxItems: number;
  /** The blank item that stands for each item of a list that is too long. */
  readonly item: unknown;
}

/** A list is longer than its rule allows. */
class TooManyItems extends Error {
  readonly bound: Bound;

  constructor(bound: Bound) {
    super(`${bound.field}: more than ${bound.maxItems} items`);
    this.bound = bound;
  }
}

const OPTIONS = { readUnknownFields: false };

/**
 * Creates a decoder that stops at the first item that exceeds the rules of a repeated field, so no further items are
 * created. The message then holds what was read until there. The list holds one item more than allowed, all of them the
 * same blank one, so that whoever checks the message refuses it for this list. Unknown fields are left out.
 *
 * The decoder stops protobuf-es itself. A separate count beforehand would have to read the bytes exactly as protobuf-es
 * does, which follows wire types in some fields and skips them, and the ends of messages, in others.
 */
export function createBoundedDecoder(schema: DescMessage): (bytes: Uint8Array) => Message {
  const bounds = schema.fields.flatMap((field): Bound[] => {
    const rules = getOption(field, rulesOf).type;
    if (field.fieldKind !== 'list' || rules.case !== 'repeated' || rules.value.maxItems === 0n) return [];
    const item = field.listKind === 'message' ? Object.freeze(create(field.message)) : '';
    return [{ field, maxItems: Number(rules.value.maxItems), item }];
  });
  return (bytes) => {
    // An item has at least two bytes.
    const reachable = bounds.filter(({ maxItems }) => bytes.length > 2 * maxItems);
    return reachable.length === 0 ? fromBinary(schema, bytes, OPTIONS) : decode(schema, bytes, reachable);
  };
}

function decode(schema: DescMessage, bytes: Uint8Array, bounds: readonly Bound[]): Message {
  const message = create(schema);
  const lists = bounds.map((bound) => [bound.field.localName, boundedList(bound)] as const);
  Object.assign(message, Object.fromEntries(lists));
  let refused = {};
  try {
    mergeFromBinary(schema, message, bytes, OPTIONS);
  } catch (error) {
    if (!(error instanceof TooManyItems)) throw error;
    const { field, maxItems, item } = error.bound;
    refused = { [field.localName]: new Array(maxItems + 1).fill(item) };
  }
  // A copy has the ordinary `push` of a list.
  return Object.assign(
    message,
    Object.fromEntries(lists.map(([name, list]) => [name, list.slice()])),
    refused,
  );
}

/** A list whose `push` throws TooManyItems beyond the bound. protobuf-es adds items with `push`. */
function boundedList(bound: Bound): unknown[] {
  const list: unknown[] = [];
  const push = (item: unknown) => {
    if (list.length >= bound.maxItems) throw new TooManyItems(bound);
    list[list.length] = item;
    return list.length;
  };
  return Object.defineProperty(list, 'push', { value: push });
}
