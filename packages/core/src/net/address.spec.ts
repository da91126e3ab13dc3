import { describe, expect, it } from 'vitest';
import { isAddress, isHost, isIPv6Address, isNamedTarget, isTarget, joinHostPort } from './address.js';

describe('addresses', () => {
  it.each([
    'localhost:1',
    'orders.example:65535',
    '127.0.0.1:80',
    '[::1]:7070',
    '[fe80::1%eth0]:9',
    '[::ffff:10.0.0.1]:5',
  ])('%s is one', (text) => {
    expect(isAddress(text)).toBe(true);
  });

  it.each([
    '',
    'localhost',
    ':80',
    'a:0',
    'a:65536',
    'a:1:2',
    '::1:7070',
    '::1',
    '[::1]',
    '[a]:1',
    '[::1:7070',
    'a b:1',
    'a,b:1',
    '[127.0.0.1]:1',
  ])('%j is none', (text) => {
    expect(isAddress(text)).toBe(false);
  });

  it('tells those with an IPv6 host', () => {
    expect(['[::1]:1', 'a:1', '127.0.0.1:1', '::1'].map(isIPv6Address)).toEqual([true, false, false, false]);
  });
});

describe('hosts', () => {
  it.each(['::', '::1', '[::]', '[::1]', '0.0.0.0', 'localhost', 'a.example'])('%s is one', (text) => {
    expect(isHost(text)).toBe(true);
  });

  it.each(['', 'localhost:80', '127.0.0.1:80', '[::1]:80', '[a]', 'a b', 'http://a', ':::'])(
    '%j is none',
    (text) => {
      expect(isHost(text)).toBe(false);
    },
  );

  it('are joined with a port, in brackets where needed', () => {
    expect(['::1', '[::1]', 'a', '127.0.0.1'].map((host) => joinHostPort(host, 5))).toEqual([
      '[::1]:5',
      '[::1]:5',
      'a:5',
      '127.0.0.1:5',
    ]);
  });
});

describe('targets', () => {
  it.each([
    ['orders:9091', true],
    ['dns:///orders.example:9091', true],
    ['localhost:1', true],
    ['127.0.0.1:80', false],
    ['[::1]:7070', false],
    ['dns:///[::1]:7070', false],
  ])('%s is one; its host is a name: %s', (text, isName) => {
    expect(isTarget(text)).toBe(true);
    expect(isNamedTarget(text)).toBe(isName);
  });

  it.each(['', 'orders', 'dns:///orders', 'dns://orders:1', 'unix:/tmp/x', 'dns:///a:0'])(
    '%s is none',
    (text) => {
      expect(isTarget(text)).toBe(false);
      expect(isNamedTarget(text)).toBe(false);
    },
  );
});
