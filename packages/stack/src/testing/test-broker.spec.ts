import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { servesTcp } from '../parts/probes.js';
import { connectTestBroker } from './connect-test-broker.js';
import { startTestBroker, type TestBroker } from './test-broker.js';

describe.each([{ separate: false }, { separate: true }])('a broker, separate: $separate', ({ separate }) => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await startTestBroker({ separate });
  });

  afterAll(() => broker?.stop());

  test('makes topics and groups, and finds no message by a key that none has', async () => {
    await broker.createTopic('topic_spec', 'TRANSACTION');
    await broker.createGroup('group_spec', { retryMaxTimes: 1_000 });
    expect(await broker.queryByKey('topic_spec', 'unknown')).toEqual([]);
    expect(await broker.progress('group_spec')).toMatchObject({ lag: 0 });
    await broker.resetOffset('group_spec', 'topic_spec', 0);
  });

  test('can be used by another process, and not ended by it', async () => {
    const other = connectTestBroker(broker);
    await other.createTopic('topic_of_other', 'NORMAL');
    expect(await broker.topics()).toContain('topic_of_other');
    await other.stop();
    await expect(other.kill()).rejects.toMatchObject({ code: 'ADMIN_FAILED' });
    expect(await servesTcp(broker.endpoints)).toBe(true);
  });

  test('a killed broker comes back on its ports, without its data, and with its topics', async () => {
    const { endpoints } = broker;
    expect(await servesTcp(endpoints)).toBe(true);
    await broker.kill();
    expect(await servesTcp(endpoints)).toBe(false);
    broker.deleteData();
    await broker.start();
    expect(broker.endpoints).toBe(endpoints);
    expect(await servesTcp(endpoints)).toBe(true);
    expect(await broker.topics()).toContain('topic_spec');
  });

  if (separate) {
    test('its processes are killed and started one by one', async () => {
      await broker.part('broker').kill();
      expect(await servesTcp(broker.endpoints)).toBe(true);
      await expect(broker.topics()).rejects.toMatchObject({ code: 'ADMIN_FAILED' });
      await broker.part('broker').start();
      expect(await broker.topics()).toContain('topic_spec');
    });
  }
});
