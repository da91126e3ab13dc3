import type { DescMessage, Message } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import { type FieldViolation, TxmsgError } from '@txmsg/core';
import { compileValidity } from './compile-validity.js';
import { oversizedLists } from './oversized-lists.js';
import { unstorableTimes } from './storable-times.js';

/** Violations that an error's message names; its details name more. */
const TOLD_MAX = 5;

/**
 * Checks a request against the rules in its proto, and checks that a database can hold its times: years 1000 to 9999.
 */
export interface RequestValidator {
  /** @throws TxmsgError INVALID_ARGUMENT whose field violations name the wrong fields */
  check(schema: DescMessage, message: Message): void;
}

/**
 * Creates a validator. It compiles a message's rules at their first use. Requests that the compiled function finds
 * valid skip protovalidate, which takes several times as long.
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
      // Lists and times come first: each item of an endless list would cost a violation, and strange times confuse the
      // rules.
      const coarse = [...oversizedLists(schema, message), ...unstorableTimes(schema, message)];
      if (coarse.length > 0) throw invalid(coarse);
      const result = validator.validate(schema, message);
      if (result.kind === 'valid') return;
      if (result.kind === 'error') {
        throw new TxmsgError('INTERNAL', 'validation rules failed', { cause: result.error });
      }
      throw invalid(
        result.violations.map((violation) => ({
          field: pathToString(violation.field),
          description: violation.message,
        })),
      );
    },
  };
}

function invalid(fieldViolations: readonly FieldViolation[]): TxmsgError {
  const told = fieldViolations.slice(0, TOLD_MAX).map(({ field, description }) => `${field}: ${description}`);
  const rest = fieldViolations.length - told.length;
  const summary = told.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
  return new TxmsgError('INVALID_ARGUMENT', summary, { fieldViolations });
}

/**
 * Matches the patterns of our own proto files with V8. The library's default, RE2 in JavaScript, guards against
 * patterns by strangers, and takes twenty times as long per txNo.
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
