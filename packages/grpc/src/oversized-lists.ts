import { type DescMessage, getOption, type Message } from '@bufbuild/protobuf';
import { field as fieldOption } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { FieldViolation } from '@txmsg/core';
import { upperBound } from './compile-rules.js';

/** The lists of a message that hold more items than their rules allow. */
export function oversizedLists(schema: DescMessage, message: Message): FieldViolation[] {
  return schema.fields.flatMap((field) => {
    if (field.fieldKind !== 'list') return [];
    const rules = getOption(field, fieldOption);
    if (rules.type.case !== 'repeated') return [];
    const most = upperBound(rules.type.value, 'maxItems');
    const items = (message as unknown as Record<string, readonly unknown[]>)[field.localName] ?? [];
    if (items.length <= most) return [];
    return [{ field: field.name, description: `must contain no more than ${most} item(s)` }];
  });
}
