// Writes the .proto files that ours import, from installed packages, into .deps/proto (git-ignored):
// google.rpc from google-proto-files, and buf.validate printed from the descriptor inside @bufbuild/protovalidate, so
// that the rules are compiled against exactly the version that checks them at run time.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { file_buf_validate_validate } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

const target = path.join(path.dirname(fileURLToPath(import.meta.url)), '../.deps/proto');

const SCALARS = {
  1: 'double',
  2: 'float',
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  6: 'fixed64',
  7: 'fixed32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  15: 'sfixed32',
  16: 'sfixed64',
  17: 'sint32',
  18: 'sint64',
};
const LABELS = { 1: 'optional', 2: 'required', 3: 'repeated' };

/** Prints one field of a FieldDescriptorProto; a member of a oneof has no label. */
function printField(field) {
  const type = field.typeName || SCALARS[field.type];
  const label = field.extendee === '' && isOneofMember(field) ? '' : `${LABELS[field.label]} `;
  return `${label}${type} ${field.name} = ${field.number};`;
}

/** proto2 fields that stand in a oneof have oneofIndex set; its default of 0 is told apart by presence. */
function isOneofMember(field) {
  return Object.hasOwn(field, 'oneofIndex');
}

function printEnum(enumeration) {
  const values = enumeration.value.map((value) => `${value.name} = ${value.number};`);
  return `enum ${enumeration.name} {\n${values.join('\n')}\n}`;
}

function printMessage(message) {
  const plain = message.field.filter((field) => !isOneofMember(field)).map(printField);
  const oneofs = message.oneofDecl.map((oneof, index) => {
    const members = message.field.filter((field) => isOneofMember(field) && field.oneofIndex === index);
    return `oneof ${oneof.name} {\n${members.map(printField).join('\n')}\n}`;
  });
  const ranges = message.extensionRange.map((range) => {
    return `extensions ${range.start} to ${range.end > 536870911 ? 'max' : range.end - 1};`;
  });
  const nested = [...message.nestedType.map(printMessage), ...message.enumType.map(printEnum)];
  return `message ${message.name} {\n${[...plain, ...oneofs, ...ranges, ...nested].join('\n')}\n}`;
}

function printFile(file) {
  const extensions = file.extension.map((field) => `extend ${field.extendee} {\n${printField(field)}\n}`);
  const imports = file.dependency.map((dependency) => `import "${dependency}";`);
  const body = [...file.messageType.map(printMessage), ...file.enumType.map(printEnum), ...extensions];
  return [`syntax = "proto2";`, `package ${file.package};`, ...imports, ...body, ''].join('\n');
}

rmSync(target, { recursive: true, force: true });
mkdirSync(path.join(target, 'buf/validate'), { recursive: true });
writeFileSync(path.join(target, 'buf/validate/validate.proto'), printFile(file_buf_validate_validate.proto));

const googleProtos = path.dirname(createRequire(import.meta.url).resolve('google-proto-files/package.json'));
for (const name of ['status', 'error_details']) {
  cpSync(path.join(googleProtos, `google/rpc/${name}.proto`), path.join(target, `google/rpc/${name}.proto`));
}
