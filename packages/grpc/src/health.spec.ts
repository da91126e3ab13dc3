import { Writable } from 'node:stream';
import type { Server, UntypedServiceImplementation } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { addHealth } from './health.js';

it('keeps the latest status alone for a caller that does not read', async () => {
  const added: UntypedServiceImplementation[] = [];
  const server: Pick<Server, 'addService'> = { addService: (_, handlers) => void added.push(handlers) };
  const health = addHealth(server as Server);
  const read: unknown[] = [];
  const waiting: (() => void)[] = [];
  const call = Object.assign(
    new Writable({
      objectMode: true,
      write(status, _encoding, done) {
        read.push(status);
        waiting.push(done);
      },
    }),
    { request: { service: '' } },
  );
  const [service] = added;
  if (service) Reflect.apply(service.watch as () => void, undefined, [call]);
  for (let change = 0; change < 1_000; change += 1) {
    health.setStatus('', change % 2 === 0 ? 'SERVING' : 'NOT_SERVING');
  }
  expect(call.writableLength).toBeLessThanOrEqual(call.writableHighWaterMark);
  await expect
    .poll(() => {
      waiting.shift()?.();
      return call.writableLength;
    })
    .toBe(0);
  expect(read.length).toBeLessThanOrEqual(call.writableHighWaterMark + 1);
  expect(read.at(-1)).toEqual({ status: 'NOT_SERVING' });
});
