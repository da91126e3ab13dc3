import type { ErrorDetails } from '@txmsg/core';

/**
 * Bounds of what an error tells its caller. All trailers of a response together fit 8 KiB. Peers and proxies refuse
 * larger ones, and some end the whole connection with all its other calls.
 */
const MESSAGE_BYTES = 768;
const VIOLATIONS_BYTES = 2_560;
const VIOLATION_TEXT_BYTES = 320;
const FACTS_BYTES = 768;
const FACT_BYTES = 256;
/** Tags and lengths of a violation or a fact in its protobuf message, at most. */
const FRAME_BYTES = 16;
const CUT_MARK = '...';

type Violations = NonNullable<ErrorDetails['fieldViolations']>;

/** Cuts an error's message to at most 768 bytes as it travels, percent-encoded. Replaces lone surrogates. */
export function boundMessage(message: string): string {
  return cut(message, MESSAGE_BYTES, encodedBytes);
}

/** The first field violations that fit, and one more that counts the rest. */
export function boundViolations(violations: Violations): { field: string; description: string }[] {
  const bounded: { field: string; description: string }[] = [];
  let left = VIOLATIONS_BYTES;
  for (const violation of violations) {
    const field = cut(violation.field, VIOLATION_TEXT_BYTES, Buffer.byteLength);
    const description = cut(violation.description, VIOLATION_TEXT_BYTES, Buffer.byteLength);
    left -= Buffer.byteLength(field) + Buffer.byteLength(description) + FRAME_BYTES;
    if (left < 0) break;
    bounded.push({ field, description });
  }
  const rest = violations.length - bounded.length;
  if (rest > 0) bounded.push({ field: '', description: `and ${rest} more` });
  return bounded;
}

/** The first facts that fit; the others are left out. */
export function boundFacts(facts: Readonly<Record<string, string>>): Record<string, string> {
  const bounded: Record<string, string> = {};
  let left = FACTS_BYTES;
  for (const [name, value] of Object.entries(facts)) {
    const short = cut(value, FACT_BYTES, Buffer.byteLength);
    left -= Buffer.byteLength(name) + Buffer.byteLength(short) + FRAME_BYTES;
    if (left < 0) break;
    bounded[name] = short;
  }
  return bounded;
}

function cut(text: string, maxBytes: number, bytesOf: (text: string) => number): string {
  // A code unit has at least one byte, so the text beyond this point can't be kept and needs no look.
  const head = text.slice(0, maxBytes + 1).toWellFormed();
  if (text.length <= maxBytes && bytesOf(head) <= maxBytes) return head;
  let kept = '';
  let left = maxBytes - bytesOf(CUT_MARK);
  for (const character of head) {
    left -= bytesOf(character);
    if (left < 0) break;
    kept += character;
  }
  return kept + CUT_MARK;
}

/** The text as grpc-js writes `grpc-message`. */
function encodedBytes(text: string): number {
  return encodeURI(text).length;
}
