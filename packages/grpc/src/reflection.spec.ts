import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Server, UntypedServiceImplementation } from '@grpc/grpc-js';
import { OrderService } from '@txmsg/contracts';
import { expect, it } from 'vitest';
import { addReflection } from './reflection.js';

/**
 * A stream as the reflection service gets it, with these requests. `release` lets the caller read the response that
 * waits.
 */
function openStream(requests: number) {
  const handlers: UntypedServiceImplementation[] = [];
  const server: Pick<Server, 'addService'> = { addService: (_, added) => void handlers.push(added) };
  addReflection(server as Server, [OrderService.file]);
  const waiting: (() => void)[] = [];
  const stream = new Duplex({
    objectMode: true,
    read: () => {},
    write: (_response, _encoding, done) => void waiting.push(done),
  });
  for (let index = 0; index < requests; index += 1) {
    stream.push({ messageRequest: 'listServices', listServices: '' });
  }
  const [v1] = handlers;
  if (v1) Reflect.apply(v1.ServerReflectionInfo as () => void, undefined, [stream]);
  const release = () => waiting.shift()?.();
  return { stream, release };
}

it('reads a request when the response before has left', async () => {
  const { stream, release } = openStream(100);
  let most = 0;
  for (let left = 0; left < 100; left += 1) {
    await expect.poll(() => stream.writableLength, { interval: 1 }).toBe(1);
    await turn();
    most = Math.max(most, stream.writableLength);
    release();
  }
  expect([most, stream.readableLength]).toEqual([1, 0]);
});

it('ends a stream of more than 1,000 requests', async () => {
  const { stream, release } = openStream(1_001);
  const failed = new Promise((resolve) => stream.once('error', resolve));
  for (let left = 0; left <= 1_000; left += 1) {
    await turn();
    release();
  }
  expect(await failed).toMatchObject({ code: 8 });
});
