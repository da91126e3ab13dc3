const LENGTH_MAX = 255;

/** A reason for any character set: other characters than those of ASCII as `\\u{…}`, and no longer than its column. */
export function asciiReason(reason: string): string {
  let ascii = '';
  for (const character of reason) {
    const code = character.codePointAt(0) ?? 0;
    const written = code < 0x80 ? character : `\\u{${code.toString(16)}}`;
    if (ascii.length + written.length > LENGTH_MAX) break;
    ascii += written;
  }
  return ascii;
}
