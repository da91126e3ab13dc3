import { describe, expect, it } from 'vitest';
import { commonSettings } from './common-settings.js';
import { ConfigError, loadConfig } from './load-config.js';
import {
  durationMs,
  endpoints,
  host,
  port,
  proxyEndpoints,
  secretUrl,
  topicName,
  wholeNumber,
} from './setting-types.js';

const settings = {
  port: port({ env: 'T_PORT', default: '9090', description: 'port' }),
  size: wholeNumber({ env: 'T_SIZE', default: '10', description: 'size' }, 1, 100),
  wait: durationMs({ env: 'T_WAIT', default: '30s', description: 'wait' }, 1, 86_400_000),
  peers: endpoints({ env: 'T_PEERS', default: 'localhost:1,h:2', description: 'peers' }),
  db: secretUrl({ env: 'T_DB', default: 'mysql://u:p@h/db', description: 'database' }, 'mysql:'),
};

function faultsOf(
  env: NodeJS.ProcessEnv,
  contradictions?: Parameters<typeof loadConfig<typeof settings>>[2],
): readonly string[] {
  try {
    loadConfig(settings, env, contradictions);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('uses the defaults where nothing, or a blank, is set', () => {
    expect(loadConfig(settings, { T_SIZE: '' })).toEqual({
      port: 9090,
      size: 10,
      wait: 30_000,
      peers: ['localhost:1', 'h:2'],
      db: 'mysql://u:p@h/db',
    });
  });

  it('tells all faults at once, and never the value of a secret', () => {
    const faults = faultsOf({
      T_PORT: '65536',
      T_SIZE: '1.5',
      T_WAIT: '30',
      T_PEERS: 'nohost',
      T_DB: 'secret-value',
    });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'T_PORT',
      'T_SIZE',
      'T_WAIT',
      'T_PEERS',
      'T_DB',
    ]);
    expect(faults.join()).not.toContain('secret-value');
  });

  it('tells contradictions between settings', () => {
    expect(faultsOf({}, () => ['T_SIZE: contradicts T_WAIT'])).toEqual(['T_SIZE: contradicts T_WAIT']);
  });

  it('tells them together with other faults, except those of settings that are wrong by themselves', () => {
    const clashes = () => ['T_SIZE: contradicts T_WAIT', 'T_PORT: contradicts T_SIZE'];
    const faults = faultsOf({ T_PORT: 'no', T_PEERS: 'h:0' }, clashes);
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['T_PORT:', 'T_PEERS:', 'T_SIZE:']);
  });

  it.each([
    ['dns:///orders.example:9091,h:1', true],
    ['dns://orders.example:9091', false],
    ['h:1', true],
    ['h:65535,[::1]:1', true],
    ['h:65535,g:65535', true],
    ['h:65536', false],
    ['[::1]:7070,h:1', true],
    ['::1:7070', false],
    ['h:0', false],
    ['h:', false],
  ])('takes the endpoints %s: %s', (given, good) => {
    expect(faultsOf({ T_PEERS: given }).length === 0).toBe(good);
  });

  it.each([
    ['::', '::'],
    ['[::1]', '::1'],
    [' 0.0.0.0 ', '0.0.0.0'],
    ['orders.example', 'orders.example'],
    ['127.0.0.1:9090', undefined],
    ['http://a', undefined],
  ])('takes the host %j as %j', (given, expected) => {
    const table = { at: host({ env: 'T_HOST', default: '127.0.0.1', description: 'host' }) };
    if (expected === undefined) expect(() => loadConfig(table, { T_HOST: given })).toThrow(/T_HOST/);
    else expect(loadConfig(table, { T_HOST: given })).toEqual({ at: expected });
  });

  it('takes no IPv6 address for a RocketMQ proxy, whose client knows none', () => {
    const table = {
      proxies: proxyEndpoints({ env: 'T_PROXIES', default: 'a:1,127.0.0.1:2', description: 'proxies' }),
    };
    expect(loadConfig(table, {})).toEqual({ proxies: ['a:1', '127.0.0.1:2'] });
    expect(() => loadConfig(table, { T_PROXIES: 'a:1,[::1]:2' })).toThrow(/T_PROXIES: .*IPv6/);
  });

  it.each([
    ['TXMSG_LOG_LEVEL', 'silent', true],
    ['TXMSG_LOG_LEVEL', 'loud', false],
    ['T_TOPIC', 'topic_a-1', true],
    ['T_TOPIC', 'a b', false],
    ['T_TOPIC', 'a'.repeat(128), false],
  ])('takes %s=%s: %s', (env, given, good) => {
    const topic = topicName({ env: 'T_TOPIC', default: 't', description: 'topic' });
    const load = () => loadConfig({ ...commonSettings, topic }, { [env]: given });
    if (good) expect(Object.values(load())).toContain(given);
    else expect(load).toThrow(env);
  });

  it.each([
    ['250ms', 250],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('reads the duration %s', (given, expected) => {
    expect(loadConfig(settings, { T_WAIT: given }).wait).toBe(expected);
  });
});
