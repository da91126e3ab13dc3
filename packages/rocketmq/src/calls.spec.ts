import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { credentials, Metadata } from '@grpc/grpc-js';
import service from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { afterEach, expect, test } from 'vitest';
import { callUnary } from './calls.js';
import { createProxyClient } from './channel.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => void server.close()));

/** Speaks just enough HTTP/2 to be taken for a server, and cuts the connection at the first request. */
async function cuttingServer(): Promise<string> {
  const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const HEADERS_FRAME = 1;
  const server = createServer((socket: Socket) => {
    socket.write(EMPTY_SETTINGS);
    let seen = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      seen = Buffer.concat([seen, data]);
      let at = 24; // after the preface
      while (at + 9 <= seen.length) {
        if (seen[at + 3] === HEADERS_FRAME) socket.destroy();
        at += 9 + seen.readUIntBE(at, 3);
      }
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
}

async function failure(address: string): Promise<unknown> {
  const client = createProxyClient(address, credentials.createInsecure());
  try {
    const request = new service.QueryRouteRequest();
    await callUnary(client, client.queryRoute, request, new Metadata(), { timeoutMs: 5_000 }, 'route');
    return undefined;
  } catch (error) {
    return error;
  } finally {
    client.close();
  }
}

test('no connection: certainly not done', async () => {
  const address = await cuttingServer();
  const [server] = servers.splice(0);
  server?.close();
  expect(await failure(address)).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: false });
});

test('a connection lost after sending: unknown', async () => {
  expect(await failure(await cuttingServer())).toMatchObject({
    code: 'UNKNOWN_OUTCOME',
    outcomeUnknown: true,
  });
});

test('aborted before it was sent: certainly not done', async () => {
  const client = createProxyClient('127.0.0.1:1', credentials.createInsecure());
  const bounds = { timeoutMs: 1_000, signal: AbortSignal.abort() };
  const call = callUnary(
    client,
    client.queryRoute,
    new service.QueryRouteRequest(),
    new Metadata(),
    bounds,
    'x',
  );
  await expect(call).rejects.toMatchObject({ code: 'CLOSED', outcomeUnknown: false });
  client.close();
});
