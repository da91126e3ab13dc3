/** A run of 16 digits or more: only there can an integer be larger than a JavaScript number holds exactly. */
const LONG_NUMBER = /\d{16}/;

/**
 * Parses JSON; an integer that a JavaScript number can't hold exactly (a Java long such as a snowflake id) becomes its
 * digits as text, which the protobuf JSON mapping reads as the same integer.
 *
 * @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/** The third argument is the source text of a primitive: ECMAScript's JSON.parse source text access, in Node since 21. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? source : value;
}
