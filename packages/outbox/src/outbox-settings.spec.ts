import { durationMs, loadConfig } from '@txmsg/service';
import { expect, it } from 'vitest';
import { outboxContradictions, outboxLimits, outboxSettings } from './outbox-settings.js';

const settings = {
  ...outboxSettings('TXMSG_SHOP', 'shop'),
  dbTimeoutMs: durationMs({ env: 'TXMSG_SHOP_DB_TIMEOUT', default: '3s', description: 'test' }, 1, 60_000),
};
const load = (env: NodeJS.ProcessEnv) =>
  loadConfig(settings, env, (config) => outboxContradictions('TXMSG_SHOP', config));

it('begin with the prefix of their service, except those that services share', () => {
  const shared = Object.values(outboxSettings('TXMSG_SHOP', 'shop'))
    .map(({ env }) => env)
    .filter((env) => !env.startsWith('TXMSG_SHOP_'));
  expect(shared).toEqual(['TXMSG_RELAY_ADDRESSES', 'TXMSG_MESSAGE_TOPIC']);
});

it('give an outbox its limits', () => {
  const config = load({ TXMSG_SHOP_FENCE_TIME: '20s' });
  expect(config.participant).toBe('shop');
  expect(outboxLimits(config)).toEqual({
    firstMs: 10_000,
    maxMs: 3_600_000,
    fenceMs: 20_000,
    retentionMs: 7 * 86_400_000,
    retentionEveryMs: 60_000,
    maxGroupSize: 1_000,
  });
});

it.each([
  [{ TXMSG_SHOP_MAX_RELAY_DELAY: '9s' }, /TXMSG_SHOP_MAX_RELAY_DELAY: must not be below/],
  [{ TXMSG_SHOP_RETENTION: '59s' }, /TXMSG_SHOP_RETENTION: must be at least twice/],
  [{ TXMSG_SHOP_FENCE_TIME: '2s' }, /TXMSG_SHOP_FENCE_TIME: must not be below TXMSG_SHOP_DB_TIMEOUT/],
])('refuse the contradiction of %j', (env, fault) => {
  expect(() => load(env)).toThrow(fault);
});
