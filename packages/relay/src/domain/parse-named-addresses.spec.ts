import { expect, it } from 'vitest';
import { parseNamedAddresses } from './parse-named-addresses.js';

it('reads one service, several, and several replicas', () => {
  expect(parseNamedAddresses('order-svc=127.0.0.1:9091')).toEqual(
    new Map([['order-svc', ['127.0.0.1:9091']]]),
  );
  expect(parseNamedAddresses('a=h:1|h:2, b=g:3')).toEqual(
    new Map([
      ['a', ['h:1', 'h:2']],
      ['b', ['g:3']],
    ]),
  );
  expect(parseNamedAddresses('a=[::1]:1|h:2,b=[fe80::1]:3')).toEqual(
    new Map([
      ['a', ['[::1]:1', 'h:2']],
      ['b', ['[fe80::1]:3']],
    ]),
  );
});

it.each([
  '',
  'a',
  'a=',
  'a=h',
  'a=h:1|',
  'a=h:1,',
  'a=h:1,a=h:2',
  '=h:1',
  'a b=h:1',
  'a=::1:1',
  'a=h:0',
  'a=h:65536',
  'a=h:1=2',
])('refuses %j', (text) => {
  expect(parseNamedAddresses(text)).toBeUndefined();
});
