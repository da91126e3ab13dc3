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
  /** What stands for each item of a list that is too long. */
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
 * Makes a decoder that stops at the first item of a repeated field that its rules don't allow: no more of them are made. The
 * message then has what was read until there, and one item more than allowed, all of them the same blank one, so that
 * whoever checks the message refuses it for this. Fields that are not known are left out.
 *
 * It is protobuf-es itself that is stopped: whoever counts items beforehand has to read the bytes exactly as it does, which
 * follows wire types in some fields and passes over them, and over the ends of messages, in others.
 */
export function createBoundedDecoder(schema: DescMessage): (bytes: Uint8Array) => Message {
  const bounds = schema.fields.flatMap((field): Bound[] => {
    const rules = getOption(field, rulesOf).type;
    if (field.fieldKind !== 'list' || rules.case !== 'repeated' || rules.value.maxItems === 0n) return [];
    const item = field.listKind === 'message' ? Object.freeze(create(field.message)) : '';
    return [{ field, maxItems: Number(rules.value.maxItems), item }];
  });
  return (bytes) => {
    // An item has two bytes at least.
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
  // Copies have the push of every list.
  return Object.assign(
    message,
    Object.fromEntries(lists.map(([name, list]) => [name, list.slice()])),
    refused,
  );
}

/** A list whose `push`, with which protobuf-es adds an item, throws TooManyItems beyond the bound. */
function boundedList(bound: Bound): unknown[] {
  const list: unknown[] = [];
  const push = (item: unknown) => {
    if (list.length >= bound.maxItems) throw new TooManyItems(bound);
    list[list.length] = item;
    return list.length;
  };
  return Object.defineProperty(list, 'push', { value: push });
}
