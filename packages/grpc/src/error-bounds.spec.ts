import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { TransactionParticipant } from '@txmsg/contracts';
import { BadRequestSchema, StatusSchema } from '@txmsg/contracts/google-rpc';
import { TxmsgError } from '@txmsg/core';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGrpcClient, type GrpcClient } from './client.js';
import { createGrpcServer, type GrpcServer, serviceEntry } from './grpc-server.js';
import { toGrpcStatus } from './status.js';

/** Bytes that an error adds to the trailers, counted as HTTP/2 does. */
function trailerBytes(error: unknown): number {
  const { code, details, metadata } = toGrpcStatus(error);
  const entries: [string, string][] = [
    ['grpc-status', String(code)],
    ['grpc-message', encodeURI(details)],
    ...(metadata.toHttp2Headers()['grpc-status-details-bin']?.toString() === undefined
      ? []
      : ([['grpc-status-details-bin', String(metadata.toHttp2Headers()['grpc-status-details-bin'])]] as [
          string,
          string,
        ][])),
  ];
  return entries.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
}

describe('an error fits the trailers of a response', () => {
  const long = {
    plain: 'x'.repeat(100_000),
    accents: 'ü'.repeat(50_000),
    emoji: '😀'.repeat(50_000),
    broken: '\ud83d'.repeat(50_000),
  };

  it.each(Object.entries(long))('whatever it is made of: %s', (_, text) => {
    const fieldViolations = Array.from({ length: 10_000 }, () => ({ field: text, description: text }));
    const metadata = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key-${index}`, text]));
    const error = new TxmsgError('INVALID_ARGUMENT', text, {
      fieldViolations,
      retryDelayMs: 1_500,
      info: { reason: 'TOO_LONG', metadata },
    });
    expect(trailerBytes(error)).toBeLessThan(7_500);
    expect(toGrpcStatus(error).details.length).toBeGreaterThan(50);
  });

  it('leaves a short one as it is', () => {
    const error = new TxmsgError('NOT_FOUND', 'no order has this tx_no: ü😀');
    expect(toGrpcStatus(error)).toMatchObject({
      code: Code.NOT_FOUND,
      details: 'no order has this tx_no: ü😀',
    });
  });
});

describe('a request with a thousand faults', () => {
  let server: GrpcServer;
  let client: GrpcClient<typeof TransactionParticipant>;

  beforeAll(async () => {
    const unused = () => ({});
    const entry = serviceEntry(TransactionParticipant, {
      checkTransaction: unused,
      claimUnsettled: unused,
      releaseUnsettled: unused,
      settleTransactions: unused,
      listStuck: unused,
    });
    server = await createGrpcServer([entry], {
      host: '127.0.0.1',
      port: 0,
      logger: pino({ level: 'silent' }),
    });
    client = createGrpcClient(TransactionParticipant, `127.0.0.1:${server.port}`);
  });
  afterAll(async () => {
    client.close();
    await server.close(500);
  });

  const violationsOf = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => Promise.reject(new Error('the call succeeded')),
      (failure: ServiceError) => failure,
    );
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    const bytes = error.metadata.get('grpc-status-details-bin')[0] as Buffer;
    const [detail] = fromBinary(StatusSchema, bytes).details;
    return (detail && anyUnpack(detail, BadRequestSchema)?.fieldViolations) ?? [];
  };

  it('is told the first of them and how many more, and the connection goes on', async () => {
    const results = Array.from({ length: 1_000 }, () => ({ txNo: 'not a txNo', outcome: 7 }));
    const violations = await violationsOf(client.settleTransactions({ results }));
    expect(violations[0]?.field).toBe('results[0].tx_no');
    expect(violations.at(-1)?.description).toMatch(/^and \d{4} more$/);
    await client.settleTransactions({ results: [{ txNo: 'a', outcome: 1 }] });
  });

  it('with a list that is too long is told so, and not what is wrong with each item', async () => {
    const violations = await violationsOf(
      client.releaseUnsettled({ txNos: Array.from({ length: 200_000 }, () => '') }),
    );
    expect(violations.map(({ field }) => field)).toEqual(['tx_nos']);
  });
});
