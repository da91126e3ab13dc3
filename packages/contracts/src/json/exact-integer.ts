const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** The longest text that is looked at; an int64 has 20 characters. */
const MAX_LENGTH = 64;
/** No larger power of ten fits an int64. */
const MAX_EXPONENT = 20;

/**
 * The integer that a JSON number means, to the last digit: `1`, `1.0`, `1e3` and `12345678901234567.0` are integers,
 * `1.5` is none. Undefined for anything else, and for more than 64 characters.
 */
export function exactInteger(source: string): bigint | undefined {
  const match = source.length <= MAX_LENGTH ? NUMBER.exec(source) : null;
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', power = '0'] = match;
  const exponent = Number(power);
  const digits = whole + fraction;
  if (/^0*$/.test(digits)) return 0n;
  if (Math.abs(exponent) > MAX_LENGTH + MAX_EXPONENT) return undefined;
  const shift = exponent - fraction.length;
  const end = digits.length + Math.min(0, shift);
  if (end <= 0 || !/^0*$/.test(digits.slice(end))) return undefined;
  return BigInt(`${sign}${digits.slice(0, end)}${'0'.repeat(Math.max(0, shift))}`);
}
