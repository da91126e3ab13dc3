/** Outcomes in one body: five times as many as our consumers put into one. */
export const MAX_RESULTS = 10_000;
/** Objects, lists and commas in one body: an outcome has four, so each may have another field. */
export const MAX_PARTS = 50_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const OBJECT = 0x7b;

/**
 * Whether a JSON text has more than `max` objects, lists and commas, before any value is made of it. What stands within
 * texts doesn't count.
 */
export function hasMoreParts(text: string, max: number): boolean {
  let parts = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) quoted = !quoted;
    else if (quoted) at += unit === BACKSLASH ? 1 : 0;
    else if (unit === COMMA || unit === OBJECT || unit === LIST) {
      parts += 1;
      if (parts > max) return true;
    }
  }
  return false;
}
