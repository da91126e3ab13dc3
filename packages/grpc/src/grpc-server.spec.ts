import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { create, fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import type { ServiceError } from '@grpc/grpc-js';
import { status as Code } from '@grpc/grpc-js';
import { OrderService } from '@txmsg/contracts';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  StatusSchema,
} from '@txmsg/contracts/google-rpc';
import { OrderStatus, SubmitOrderRequestSchema } from '@txmsg/contracts/order';
import { TxmsgError } from '@txmsg/core';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGrpcClient, type GrpcClient } from './client.js';
import { createGrpcServer, type GrpcServer, serviceEntry } from './grpc-server.js';

const logger = pino({ level: 'silent' });
let server: GrpcServer;
let client: GrpcClient<typeof OrderService>;
let cancelled: Promise<void>;

beforeAll(async () => {
  let sawCancel: () => void;
  cancelled = new Promise((resolve) => {
    sawCancel = resolve;
  });
  const handlers = serviceEntry(OrderService, {
    submitOrder: (request) => {
      if (request.txNo === 'busy') {
        throw new TxmsgError('RESOURCE_EXHAUSTED', 'too many', {
          retryDelayMs: 1500,
          info: { reason: 'QUEUE_FULL', metadata: { queue: '10' } },
        });
      }
      if (request.txNo === 'bug') throw new Error('a password in a message');
      return { orderNo: '1', txNo: request.txNo, status: OrderStatus.PENDING };
    },
    submitOrders: async (stream) => {
      for await (const request of stream) stream.write({ txNo: request.txNo });
    },
    getOrder: () => ({}),
    listOrders: () => ({}),
    watchOrder: async function* (_request, { signal }) {
      yield { order: { orderNo: '1' } };
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      sawCancel();
    },
  });
  server = await createGrpcServer([handlers], { host: '127.0.0.1', port: 0, logger });
  client = createGrpcClient(OrderService, `127.0.0.1:${server.port}`);
});

afterAll(async () => {
  client.close();
  await server.close(1000);
});

/** The error of a call that must fail. */
async function failure(call: Promise<unknown>): Promise<ServiceError> {
  return call.then(
    () => Promise.reject(new Error('the call succeeded')),
    (error: ServiceError) => error,
  );
}

function statusOf(error: ServiceError) {
  const bytes = error.metadata.get('grpc-status-details-bin')[0];
  if (!Buffer.isBuffer(bytes)) throw new Error('no details');
  return fromBinary(StatusSchema, bytes);
}

describe('gRPC server', () => {
  it('answers a valid request', async () => {
    const response = await client.submitOrder({ productId: 1n, payCount: 2, txNo: 'abc' });
    expect(response).toMatchObject({ orderNo: '1', txNo: 'abc', status: OrderStatus.PENDING });
  });

  it.each([
    { request: { productId: 0n, payCount: 1 }, field: 'product_id' },
    { request: { productId: -1n, payCount: 1 }, field: 'product_id' },
    { request: { productId: 1n, payCount: 0 }, field: 'pay_count' },
    { request: { productId: 1n, payCount: 1_000_001 }, field: 'pay_count' },
    { request: { productId: 1n, payCount: 1, txNo: 'a'.repeat(65) }, field: 'tx_no' },
    { request: { productId: 1n, payCount: 1, txNo: 'a b' }, field: 'tx_no' },
    { request: { productId: 1n, payCount: 1, txNo: 'é' }, field: 'tx_no' },
    { request: { productId: 1n, payCount: 1, txNo: 'a\n' }, field: 'tx_no' },
  ])('refuses case %# and names $field', async ({ request, field }) => {
    const error = await failure(client.submitOrder(request));
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    const detail = statusOf(error).details[0];
    const badRequest = detail && anyUnpack(detail, BadRequestSchema);
    expect(badRequest?.fieldViolations.map((violation) => violation.field)).toEqual([field]);
  });

  it('sends retry delay and error info as standard details', async () => {
    const error = await failure(client.submitOrder({ productId: 1n, payCount: 1, txNo: 'busy' }));
    expect(error.code).toBe(Code.RESOURCE_EXHAUSTED);
    const [retry, info] = statusOf(error).details;
    expect(retry && anyUnpack(retry, RetryInfoSchema)?.retryDelay).toMatchObject({ seconds: 1n, nanos: 5e8 });
    expect(info && anyUnpack(info, ErrorInfoSchema)).toMatchObject({ reason: 'QUEUE_FULL', domain: 'txmsg' });
  });

  it('says nothing of an unknown error', async () => {
    const error = await failure(client.submitOrder({ productId: 1n, payCount: 1, txNo: 'bug' }));
    expect(error.code).toBe(Code.INTERNAL);
    expect(error.details).toBe('internal error');
  });

  it('tells a streaming handler that its caller has gone', async () => {
    const caller = new AbortController();
    for await (const { order } of client.watchOrder(
      { key: { case: 'txNo', value: 'a' } },
      { signal: caller.signal },
    )) {
      expect(order?.orderNo).toBe('1');
      break;
    }
    caller.abort();
    await cancelled;
  });

  it('echoes a bidirectional stream and drains it at half-close', async () => {
    const stream = client.submitOrders();
    const answers: string[] = [];
    for (const txNo of ['a', 'b', 'c']) stream.write({ txNo, productId: 1n, payCount: 1 });
    stream.end();
    for await (const { txNo } of stream) answers.push(txNo);
    expect(answers).toEqual(['a', 'b', 'c']);
  });
});

describe('a host', () => {
  it.each([
    { host: '::1', reachedAt: ['[::1]'] },
    { host: '[::1]', reachedAt: ['[::1]'] },
    { host: '::', reachedAt: ['[::1]', '127.0.0.1'] },
    { host: '0.0.0.0', reachedAt: ['127.0.0.1'] },
    { host: 'localhost', reachedAt: ['localhost'] },
  ])('$host is listened on, and reached at $reachedAt', async ({ host, reachedAt }) => {
    const entry = serviceEntry(OrderService, {
      submitOrder: ({ txNo }) => ({ txNo }),
      submitOrders: async () => {},
      getOrder: () => ({}),
      listOrders: () => ({}),
      watchOrder: async function* () {},
    });
    const listening = await createGrpcServer([entry], { host, port: 0, logger });
    try {
      for (const at of reachedAt) {
        const caller = createGrpcClient(OrderService, `${at}:${listening.port}`);
        const { txNo } = await caller.submitOrder({ productId: 1n, payCount: 1, txNo: 'a' });
        caller.close();
        expect(txNo).toBe('a');
      }
    } finally {
      await listening.close(1_000);
    }
  });
});

it('reads and writes with the codecs of a service, and leaves to protobuf-es what they leave', async () => {
  const fromCodec = create(SubmitOrderRequestSchema, { productId: 1n, payCount: 1, txNo: 'from-codec' });
  const handlers = {
    submitOrder: ({ txNo }: { readonly txNo: string }) => ({ txNo }),
    submitOrders: async () => {},
    getOrder: () => ({}),
    listOrders: () => ({}),
    watchOrder: async function* () {},
  };
  const isPlain = (bytes: Buffer) => !bytes.includes('unusual');
  const entry = serviceEntry(OrderService, handlers, {
    submitOrder: {
      decodeRequest: (bytes) => (isPlain(bytes) ? fromCodec : undefined),
      // Field 1, order_no: `c`.
      encodeResponse: ({ txNo }) => (txNo === 'from-codec' ? Buffer.from('0a0163', 'hex') : undefined),
    },
  });
  const coded = await createGrpcServer([entry], { host: '127.0.0.1', port: 0, logger });
  const caller = createGrpcClient(OrderService, `127.0.0.1:${coded.port}`);
  try {
    const submit = (txNo: string) => caller.submitOrder({ productId: 1n, payCount: 1, txNo });
    expect(await submit('plain')).toMatchObject({ orderNo: 'c', txNo: '' });
    expect(await submit('unusual')).toMatchObject({ orderNo: '', txNo: 'unusual' });
  } finally {
    caller.close();
    await coded.close(1_000);
  }
});

describe('a connection', () => {
  it('has a bound for its streams', async () => {
    const session = connectHttp2(`http://127.0.0.1:${server.port}`);
    const [settings] = await once(session, 'remoteSettings');
    expect(settings).toMatchObject({ maxConcurrentStreams: 2_000 });
    session.close();
  });

  it('ends when its client no longer answers', async () => {
    const keepalive = { timeMs: 50, timeoutMs: 50 };
    const strict = await createGrpcServer([], { host: '127.0.0.1', port: 0, logger, keepalive });
    // The preface and empty settings of HTTP/2, and nothing more.
    const silent = connect(strict.port, '127.0.0.1');
    silent.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'));
    silent.resume();
    await once(silent, 'close');
    await strict.close(1_000);
  });
});
