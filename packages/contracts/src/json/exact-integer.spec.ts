import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactInteger } from './exact-integer.js';

describe('exactInteger', () => {
  it.each([
    ['0', 0n],
    ['-0', 0n],
    ['0e99999', 0n],
    ['0.000', 0n],
    ['12345678901234567.0', 12_345_678_901_234_567n],
    ['1.2345678901234567e16', 12_345_678_901_234_567n],
    ['123456789012.34567e5', 12_345_678_901_234_567n],
    ['12345678901234567000e-3', 12_345_678_901_234_567n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['1e3', 1_000n],
    ['1E+3', 1_000n],
    ['1000e-3', 1n],
  ])('reads %s', (source, integer) => {
    expect(exactInteger(source)).toBe(integer);
  });

  it.each([
    '',
    '1.5',
    '1e-1',
    '1.00000000000000000001',
    '9007199254740991.4',
    '99999999999999.99999',
    '1L',
    '0x10',
    ' 1',
    '+1',
    '.5',
    '1.',
    'Infinity',
    '1e99999999999999999999',
    '1e-99999999999999999999',
    '9'.repeat(65),
  ])('refuses %s', (source) => {
    expect(exactInteger(source)).toBeUndefined();
  });

  it('reads an integer from every notation of it', () => {
    const notation = fc.record({
      integer: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      zeros: fc.nat(5),
      shift: fc.nat(19),
    });
    fc.assert(
      fc.property(notation, ({ integer, zeros, shift }) => {
        const digits = String(integer < 0n ? -integer : integer).padStart(shift + 1, '0');
        const sign = integer < 0n ? '-' : '';
        const point = digits.length - shift;
        const source = `${sign}${digits.slice(0, point)}.${digits.slice(point)}${'0'.repeat(zeros + 1)}e${shift}`;
        expect(exactInteger(source)).toBe(integer);
      }),
    );
  });

  it('says of a number what it is, or nothing', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const integer = exactInteger(String(number));
        if (integer !== undefined) expect(Number(integer)).toBe(number === 0 ? 0 : number);
        else expect(Number.isSafeInteger(number)).toBe(false);
      }),
    );
  });
});
