import { deepStrictEqual } from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { anyText, fc, fuzzTarget, mutatedText } from '@txmsg/fuzz';
import { ConfigError, loadConfig, type Setting } from './load-config.js';
import {
  durationMs,
  endpoints,
  flag,
  host,
  logLevel,
  port,
  proxyEndpoints,
  secretUrl,
  serviceName,
  text,
  topicName,
  wholeNumber,
} from './setting-types.js';

const row = <const D extends string>(fallback: D) => ({ env: 'T', default: fallback, description: 'test' });
const DAY_MS = 86_400_000;
const UNITS_MS: Readonly<Record<string, bigint>> = {
  ms: 1n,
  s: 1_000n,
  m: 60_000n,
  h: 3_600_000n,
  d: 86_400_000n,
};

/** A kind of setting, and whether it may have read this value from the text. */
interface Kind {
  readonly setting: Setting<unknown>;
  readonly holds: (value: unknown, given: string) => boolean;
}

const kind = <T>(setting: Setting<T>, holds: (value: T, given: string) => boolean): Kind => ({
  setting,
  holds: (value, given) => holds(value as T, given),
});

const isNumber = (value: number, given: string, min: number, max: number) =>
  Number.isInteger(value) && value >= min && value <= max && BigInt(value) === BigInt(given);

const isDuration = (value: number, given: string) => {
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(given) ?? [];
  return BigInt(value) === BigInt(count) * (UNITS_MS[unit] ?? 0n) && value >= 1 && value <= DAY_MS;
};

/** As the WHATWG URL parser sees an address: a host and a port, and nothing else. */
const areAddresses = (list: readonly string[], given: string) =>
  list.length === given.split(',').length &&
  list.every((address) => {
    const [, hostName = '', portText = ''] = /^(.+):(\d+)$/s.exec(address) ?? [];
    const bare = hostName.replace(/^\[(.*)\]$/s, '$1');
    const isSplit = hostName.startsWith('[') ? isIPv6(bare) : !/[\s:,/|[\]]/.test(hostName);
    return isSplit && given.includes(address) && Number(portText) >= 1 && Number(portText) <= 65_535;
  });

/** The same, but for the scheme that an address may have. */
const areTargets = (list: readonly string[], given: string) =>
  areAddresses(
    list.map((address) => address.replace(/^dns:\/\/\//, '')),
    given,
  );

const KINDS: Readonly<Record<string, Kind>> = {
  text: kind(text(row('x')), (value, given) => value === given.trim() && value !== ''),
  wholeNumber: kind(wholeNumber(row('1'), -5, 5_000), (value, given) => isNumber(value, given, -5, 5_000)),
  port: kind(port(row('1')), (value, given) => isNumber(value, given, 0, 65_535)),
  durationMs: kind(durationMs(row('1s'), 1, DAY_MS), isDuration),
  flag: kind(flag(row('true')), (value, given) => String(value) === given),
  topicName: kind(topicName(row('t')), (value, given) => value === given && /^[\w-]{1,127}$/.test(value)),
  logLevel: kind(logLevel(row('info')), (value, given) => value === given),
  host: kind(host(row('::')), (value, given) => given.includes(value) && !/[\s[\]]/.test(value)),
  endpoints: kind(endpoints(row('a:1')), areTargets),
  serviceName: kind(serviceName(row('s')), (value, given) => value === given && /^[\w.-]{1,64}$/.test(value)),
  proxyEndpoints: kind(proxyEndpoints(row('a:1')), areAddresses),
  secretUrl: kind(secretUrl(row('mysql://h/d'), 'mysql:'), (value, given) => value === given),
};

const TEXTS = [
  ...[
    '0',
    '5000',
    '65535',
    '-5',
    '250ms',
    '30s',
    '5m',
    '1d',
    'true',
    'false',
    'info',
    'topic_a-1',
    '::',
    '::1',
    '[::1]',
  ],
  ...[
    'localhost',
    '127.0.0.1:8081',
    'a.example:1,[::1]:7070',
    'h:65535, g:1',
    'dns:///orders.example:1,h:2',
    'mysql://u:p@h:3306/d?x=1',
    ' x ',
    '',
  ],
] as const;
const kindName = fc.constantFrom(...Object.keys(KINDS));
const nearlyNumber = fc.stringMatching(/^-?\d{0,6}(\.0|\.5|e1|e-1|x1|_1| |n|ms|s|m|h|d|D)?\d{0,2}$/);
const given = fc.oneof(
  fc.constantFrom(...TEXTS),
  mutatedText(fc.constantFrom(...TEXTS), 2),
  nearlyNumber,
  anyText(10),
);

/**
 * A setting is read as exactly what its text says, within its bounds. Otherwise it is a fault that names the setting,
 * without the text of a secret one.
 */
export const target = fuzzTarget({
  input: fc.record({ kindName, given }),
  check(input) {
    const { setting, holds } = KINDS[input.kindName] ?? { setting: text(row('x')), holds: () => false };
    let value: unknown;
    try {
      ({ value } = loadConfig({ value: setting }, { T: input.given }));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      deepStrictEqual(
        error.faults.length > 0 && error.faults.every((fault) => fault.startsWith('T: ')),
        true,
      );
      const isTold = setting.secret && input.given.length > 3 && error.message.includes(input.given);
      deepStrictEqual(Boolean(isTold), false);
      return 'refused';
    }
    deepStrictEqual(holds(value, input.given || setting.default), true);
    return 'read';
  },
  reaches: ['read', 'refused'],
});
