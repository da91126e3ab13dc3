import type { DescMessage, Message } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import { TxmsgError } from '../error.js';
import { compileValidity } from './compile-validity.js';

/** Checks a request against the rules that stand in its proto. */
export interface RequestValidator {
  /** @throws TxmsgError INVALID_ARGUMENT whose field violations name every wrong field */
  check(schema: DescMessage, message: Message): void;
}

/**
 * Makes a validator; it compiles a message's rules at their first use. What a plain function is sure of is not shown to
 * protovalidate, which takes several times as long.
 */
export function createRequestValidator(): RequestValidator {
  const validator = createValidator({ regexMatch: createPatternMatcher() });
  const validities = new Map<DescMessage, (message: Message) => boolean>();
  return {
    check(schema, message) {
      let isValid = validities.get(schema);
      if (!isValid) {
        isValid = compileValidity(schema) ?? (() => false);
        validities.set(schema, isValid);
      }
      if (isValid(message)) return;
      const result = validator.validate(schema, message);
      if (result.kind === 'valid') return;
      if (result.kind === 'error') {
        throw new TxmsgError('INTERNAL', 'validation rules failed', { cause: result.error });
      }
      const fieldViolations = result.violations.map((violation) => ({
        field: pathToString(violation.field),
        description: violation.message,
      }));
      const summary = fieldViolations.map(({ field, description }) => `${field}: ${description}`).join('; ');
      throw new TxmsgError('INVALID_ARGUMENT', summary, { fieldViolations });
    },
  };
}

/**
 * Matches patterns of our own proto files by V8. The library's default, RE2 in JavaScript, guards against patterns that
 * others wrote, and takes twenty times as long for each txNo.
 */
export function createPatternMatcher(): (pattern: string, against: string) => boolean {
  const compiled = new Map<string, RegExp>();
  return (pattern, against) => {
    let expression = compiled.get(pattern);
    if (!expression) {
      expression = new RegExp(pattern, 'u');
      compiled.set(pattern, expression);
    }
    return expression.test(against);
  };
}
