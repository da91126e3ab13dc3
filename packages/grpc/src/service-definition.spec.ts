import { status as Code, Server, ServerCredentials, type ServiceError } from '@grpc/grpc-js';
import { OrderService } from '@txmsg/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGrpcClient, type GrpcClient } from './client.js';
import { createServiceDefinition } from './service-definition.js';

describe('createServiceDefinition', () => {
  const definition = createServiceDefinition(OrderService);

  it('names and shapes every method as the proto does', () => {
    const shapes = Object.entries(definition).map(([name, method]) => [
      name,
      method.path,
      method.requestStream,
      method.responseStream,
    ]);
    expect(shapes).toEqual([
      ['submitOrder', '/txmsg.order.v1.OrderService/SubmitOrder', false, false],
      ['submitOrders', '/txmsg.order.v1.OrderService/SubmitOrders', true, true],
      ['getOrder', '/txmsg.order.v1.OrderService/GetOrder', false, false],
      ['listOrders', '/txmsg.order.v1.OrderService/ListOrders', false, false],
      ['watchOrder', '/txmsg.order.v1.OrderService/WatchOrder', false, true],
    ]);
  });

  it('encodes plain objects and decodes complete messages', () => {
    const method = definition.submitOrder;
    const bytes = method?.requestSerialize({ productId: 7n, txNo: 'a' });
    expect(bytes && method?.requestDeserialize(bytes)).toMatchObject({
      productId: 7n,
      payCount: 0,
      txNo: 'a',
    });
  });
});

describe('createGrpcClient', () => {
  const server = new Server();
  let client: GrpcClient<typeof OrderService>;
  let hasty: GrpcClient<typeof OrderService>;

  beforeAll(async () => {
    server.addService(createServiceDefinition(OrderService), {
      // Echoes the request; never answers one particular tx_no.
      submitOrder: (
        call: { request: { txNo: string } },
        callback: (error: null, response: object) => void,
      ) => {
        if (call.request.txNo !== 'never') callback(null, { txNo: call.request.txNo });
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure();
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    const address = `127.0.0.1:${port}`;
    client = createGrpcClient(OrderService, address);
    hasty = createGrpcClient(OrderService, address, { timeoutMs: 50 });
  });
  afterAll(() => {
    client.close();
    hasty.close();
    server.forceShutdown();
  });

  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => 0,
      (error: ServiceError) => error.code,
    );

  it('calls a unary method', async () => {
    expect(await client.submitOrder({ txNo: 'a' })).toMatchObject({ txNo: 'a', orderNo: '' });
  });

  it('ends a call at its deadline, its own before the default', async () => {
    expect(await codeOf(hasty.submitOrder({ txNo: 'never' }))).toBe(Code.DEADLINE_EXCEEDED);
    expect(await codeOf(client.submitOrder({ txNo: 'never' }, { timeoutMs: 1 }))).toBe(
      Code.DEADLINE_EXCEEDED,
    );
  });

  it('cancels a call with its signal, before it and during it', async () => {
    expect(await codeOf(client.submitOrder({ txNo: 'a' }, { signal: AbortSignal.abort() }))).toBe(
      Code.CANCELLED,
    );
    const caller = new AbortController();
    const call = codeOf(client.submitOrder({ txNo: 'never' }, { signal: caller.signal, timeoutMs: 60_000 }));
    caller.abort();
    expect(await call).toBe(Code.CANCELLED);
  });

  it('tells a method that is not there', async () => {
    expect(await codeOf(client.listOrders({}))).toBe(Code.UNIMPLEMENTED);
  });
});
