import { create } from '@bufbuild/protobuf';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { StockAdminService } from '@txmsg/contracts';
import type { Logger } from '@txmsg/core';
import { freePort } from '@txmsg/stack/testing';
import { expect, it } from 'vitest';
import { startConsumer } from '../test-support/fixture.js';
import { reportToAll, serveConsumer } from './consumers.js';

const TIME = create(TimestampSchema, { seconds: 1_700_000_000n });

it('a consumer that does not know the contract takes no watermark, which is told once; others take it', async () => {
  const warned: object[] = [];
  const logger = { warn: (fields: object) => void warned.push(fields) } as unknown as Logger;
  const reported: string[] = [];
  const ports = [await freePort(), await freePort()];
  const servers = [
    await startConsumer((name) => reported.push(`old ${name}`), ports[0] ?? 0, StockAdminService),
    await startConsumer((name) => reported.push(`new ${name}`), ports[1] ?? 0),
  ];
  const serve = (name: string, port = 0) => serveConsumer(name, [`127.0.0.1:${port}`], 5_000, logger);
  const consumers = new Map([
    ['new', serve('new', ports[1])],
    ['old', serve('old', ports[0])],
  ]);
  try {
    const report = reportToAll(consumers);
    for (const participant of ['a', 'b']) await report(participant, TIME);
    expect(reported).toEqual(['new a', 'new b']);
    expect(warned).toEqual([{ consumer: 'old' }]);
    await servers[0]?.close(0);
    await expect(report('c', TIME)).rejects.toThrow();
    expect(reported).toEqual(['new a', 'new b', 'new c']);
  } finally {
    for (const consumer of consumers.values()) consumer.close();
    for (const server of servers) await server.close(0);
  }
});
