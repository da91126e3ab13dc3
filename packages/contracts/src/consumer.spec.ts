import type { DescMessage, DescService } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { StockAdminService, TransactionConsumer } from './index.js';

/** Everything of a message that its encoding depends on, without the names of packages. */
function shapeOf(message: DescMessage): unknown {
  return message.fields.map((field) => [
    field.name,
    field.number,
    field.fieldKind,
    field.scalar,
    field.message?.typeName.startsWith('txmsg.') ? shapeOf(field.message) : field.message?.typeName,
    field.enum?.values.map(({ name, number }) => [name, number]),
  ]);
}

function methodsOf(service: DescService): unknown {
  return service.methods.map(({ name, methodKind, input, output }) => [
    name,
    methodKind,
    shapeOf(input),
    shapeOf(output),
  ]);
}

it('StockAdminService is TransactionConsumer under another name, so that one set of handlers serves both', () => {
  expect(methodsOf(StockAdminService)).toEqual(methodsOf(TransactionConsumer));
});
