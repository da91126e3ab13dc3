import { ConfigError, loadConfig } from '@txmsg/service';
import { describe, expect, it } from 'vitest';
import { relayContradictions, relaySettings, servicesOf } from './config.js';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(relaySettings, env, relayContradictions);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the settings', () => {
  it('have defaults that work together', () => {
    const config = loadConfig(relaySettings, {}, relayContradictions);
    expect(config.grpcPort).toBe(7070);
    expect(config.messageTopics).toEqual(['topic_txmsg']);
    expect([...config.participants]).toEqual([['order-svc', ['127.0.0.1:9091']]]);
  });

  it('take the topics from TXMSG_RELAY_TOPICS, and from TXMSG_MESSAGE_TOPIC while it is blank', () => {
    const topicsOf = (env: Record<string, string>) =>
      servicesOf(loadConfig(relaySettings, env, relayContradictions)).topics;
    expect(topicsOf({})).toEqual(['topic_txmsg']);
    expect(topicsOf({ TXMSG_MESSAGE_TOPIC: 'a, b,a' })).toEqual(['a', 'b']);
    expect(topicsOf({ TXMSG_MESSAGE_TOPIC: 'a', TXMSG_RELAY_TOPICS: 'b,c' })).toEqual(['b', 'c']);
  });

  it('take names that resolve to several addresses', () => {
    const env = { TXMSG_RELAY_PARTICIPANTS: 'a=dns:///orders.example:9091|h:1' };
    const config = loadConfig(relaySettings, env, relayContradictions);
    expect([...config.participants]).toEqual([['a', ['dns:///orders.example:9091', 'h:1']]]);
  });

  it('leave the topics to the file of services where there is one', () => {
    const env = { TXMSG_RESULT_TOPIC: 'topic_txmsg', TXMSG_RELAY_SERVICES_FILE: 'services.json' };
    expect(faultsOf(env)).toEqual([]);
  });

  it.each([
    ['TXMSG_RELAY_TOPICS', 'a b'],
    ['TXMSG_RELAY_PARTICIPANTS', 'a=dns://h:1'],
    ['TXMSG_RELAY_PARTICIPANTS', 'order-svc'],
    ['TXMSG_RELAY_CONSUMERS', 'a=h:1,a=h:2'],
    ['TXMSG_MESSAGE_TOPIC', 'a b'],
    ['TXMSG_ROCKETMQ_ENDPOINTS', 'nowhere'],
    ['TXMSG_ROCKETMQ_ENDPOINTS', 'a:1,[::1]:8081'],
    ['TXMSG_RELAY_HOST', '127.0.0.1:7070'],
    ['TXMSG_RELAY_OUTBOX_IDLE_POLL', '100ms'],
    ['TXMSG_RESULT_TOPIC', 'topic_txmsg'],
  ])('refuse %s=%s by name', (name, value) => {
    expect(faultsOf({ [name]: value }).map((fault) => fault.split(':')[0])).toEqual([name]);
  });
});
