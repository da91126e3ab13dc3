import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import service from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { expect, test, vi } from 'vitest';
import { CheckBacks } from './check-backs.js';
import { testLogger as logger } from './test-support/fixture.js';
import type { Resolution } from './types.js';

function command(transactionId: string) {
  const system = new definition.SystemProperties()
    .setMessageId(transactionId)
    .setBodyDigest(new definition.Digest());
  const message = new definition.Message()
    .setTopic(new definition.Resource().setName('tx'))
    .setSystemProperties(system);
  return new service.RecoverOrphanedTransactionCommand().setTransactionId(transactionId).setMessage(message);
}

test('a bounded number at once, one at a time for each transaction', async () => {
  const pending: ((resolution: Resolution) => void)[] = [];
  const check = vi.fn(() => new Promise<Resolution>((resolve) => pending.push(resolve)));
  const end = vi.fn(async () => undefined);
  const checks = new CheckBacks({ check, end, maxConcurrent: 3, timeoutMs: 5_000, logger });
  for (let round = 0; round < 3; round += 1) {
    for (let id = 0; id < 5; id += 1) {
      checks.handle('proxy:8081', command(`transaction-${id}`));
    }
  }
  await vi.waitFor(() => expect(check).toHaveBeenCalledTimes(3));
  pending.splice(0).forEach((answer) => void answer('COMMIT'));
  await vi.waitFor(() => expect(check).toHaveBeenCalledTimes(5));
  pending.splice(0).forEach((answer) => void answer('ROLLBACK'));
  await vi.waitFor(() => expect(end).toHaveBeenCalledTimes(5));
  checks.handle('proxy:8081', command('transaction-0'));
  await vi.waitFor(() => expect(check).toHaveBeenCalledTimes(6));
  pending.splice(0).forEach((answer) => void answer('COMMIT'));
  await checks.close();
});

test('a check that hangs gives its slot away, and is not started again while it hangs', async () => {
  const started: string[] = [];
  const check = vi.fn(async ({ messageId }: { messageId: string }) => {
    started.push(messageId);
    return messageId === 'hangs' ? await new Promise<undefined>(() => undefined) : ('COMMIT' as const);
  });
  const end = vi.fn(async () => undefined);
  const checks = new CheckBacks({ check, end, maxConcurrent: 1, timeoutMs: 50, logger });
  checks.handle('proxy:8081', command('hangs'));
  checks.handle('proxy:8081', command('other'));
  await vi.waitFor(() => expect(end).toHaveBeenCalledOnce());
  checks.handle('proxy:8081', command('hangs'));
  expect(started).toEqual(['hangs', 'other']);
  await checks.close();
});

test('a failed end and a damaged command are survived', async () => {
  const end = vi.fn(async () => Promise.reject(new Error('broker gone')));
  const checks = new CheckBacks({
    check: async () => 'COMMIT',
    end,
    maxConcurrent: 1,
    timeoutMs: 50,
    logger,
  });
  checks.handle('proxy:8081', command('one'));
  checks.handle('proxy:8081', new service.RecoverOrphanedTransactionCommand().setTransactionId('two'));
  await vi.waitFor(() => expect(end).toHaveBeenCalledOnce());
  checks.handle('proxy:8081', command('one'));
  await vi.waitFor(() => expect(end).toHaveBeenCalledTimes(2));
  await checks.close();
});
