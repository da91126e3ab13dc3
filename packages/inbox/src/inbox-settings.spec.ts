import { loadConfig, wholeNumber } from '@txmsg/service';
import { expect, it } from 'vitest';
import { completeLimits } from './inbox-limits.js';
import { inboxContradictions, inboxOptions, inboxSettings } from './inbox-settings.js';

const settings = {
  ...inboxSettings('TXMSG_SHELF', 'shelf'),
  dbConnections: wholeNumber(
    { env: 'TXMSG_SHELF_DB_CONNECTIONS', default: '10', description: 'test' },
    2,
    99,
  ),
};
const load = (env: NodeJS.ProcessEnv) =>
  loadConfig(settings, env, (config) => inboxContradictions('TXMSG_SHELF', config));

it('begin with the prefix of their service, except those that services share', () => {
  const shared = Object.values(inboxSettings('TXMSG_SHELF', 'shelf'))
    .map(({ env }) => env)
    .filter((env) => !env.startsWith('TXMSG_SHELF_'));
  expect(shared).toEqual(['TXMSG_ROCKETMQ_ENDPOINTS', 'TXMSG_RESULT_TOPIC', 'TXMSG_MESSAGE_TOPIC']);
});

it('have the defaults of an inbox', () => {
  const options = inboxOptions({ ...load({}), dbTimeoutMs: 5_000 });
  expect(options.limits).toEqual(completeLimits());
  expect(options).toMatchObject({ consumer: 'shelf', consumerGroup: 'shelf', endpoints: '127.0.0.1:8081' });
});

it('join the addresses of several proxies', () => {
  const config = { ...load({ TXMSG_ROCKETMQ_ENDPOINTS: 'a:1,b:2' }), dbTimeoutMs: 5_000 };
  expect(inboxOptions(config).endpoints).toBe('a:1;b:2');
});

it.each([
  [{ TXMSG_SHELF_DB_CONNECTIONS: '2' }, /TXMSG_SHELF_DB_CONNECTIONS: must be more than/],
  [{ TXMSG_RESULT_TOPIC: 'topic_txmsg' }, /TXMSG_RESULT_TOPIC: must not be TXMSG_MESSAGE_TOPIC/],
])('refuse the contradiction of %j', (env, fault) => {
  expect(() => load(env)).toThrow(fault);
});
