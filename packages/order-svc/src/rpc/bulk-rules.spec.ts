import { type DescMessage, getOption, toJson } from '@bufbuild/protobuf';
import { FieldRulesSchema, field as rulesOf } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { BulkOrderSchema, SubmitOrdersRequestSchema } from '@txmsg/contracts/order';
import { expect, it } from 'vitest';

function rules(schema: DescMessage): [name: string, rules: unknown][] {
  return schema.fields.map((field) => [field.name, toJson(FieldRulesSchema, getOption(field, rulesOf))]);
}

it('has the same rules for the first order of a message as for the others', () => {
  const [productId, payCount, txNo, more] = rules(SubmitOrdersRequestSchema);
  expect([productId, payCount, txNo]).toEqual(rules(BulkOrderSchema));
  // As order-svc refuses them.
  expect(more).toEqual(['more', { repeated: { maxItems: '999' } }]);
});
