import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { RetryInfoSchema, StatusSchema } from '@txmsg/contracts/google-rpc';
import { type System, startSystem } from '@txmsg/testbed';
import type { RowDataPacket } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settled, submit, taken } from './test-support/flow.js';
import { sharedServers } from './test-support/shared-servers.js';

const QUEUED_MAX = 20;
const GROUP_MAX = 10;

let system: System;

beforeAll(async () => {
  system = await startSystem({
    ...sharedServers(),
    env: {
      TXMSG_ORDER_MAX_QUEUED: String(QUEUED_MAX),
      TXMSG_ORDER_MAX_GROUP_SIZE: String(GROUP_MAX),
      // Each group takes a while, so orders arrive faster than they are written.
      TXMSG_FAILPOINTS: 'order.before-commit=pause:50',
    },
  });
  for (const productId of [1n, 2n]) await system.addStock(productId, 100_000n);
});
afterAll(() => system?.stop());

function retryDelayOf(error: ServiceError): unknown {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(bytes)) return undefined;
  const details = fromBinary(StatusSchema, bytes).details;
  return details.map((detail) => anyUnpack(detail, RetryInfoSchema)).find(Boolean)?.retryDelay;
}

async function ordersOf(productId: bigint): Promise<number> {
  const [[row]] = await system.orderDb.query<(RowDataPacket & { n: number })[]>(
    'SELECT COUNT(*) AS n FROM orders WHERE product_id = ?',
    [productId.toString()],
  );
  return Number(row?.n);
}

describe('too much load', () => {
  it('is refused at once with a delay for the retry; what was accepted is settled', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 300 }, () => submit(system)));
    const accepted = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const refusals = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as ServiceError] : [],
    );
    expect(accepted.length).toBeGreaterThan(0);
    expect(refusals.length).toBeGreaterThan(0);
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set([Code.RESOURCE_EXHAUSTED]));
    expect(refusals.every((error) => retryDelayOf(error) !== undefined)).toBe(true);
    expect(await ordersOf(1n)).toBe(accepted.length);
    expect(await settled(system, accepted)).toEqual({ CONFIRMED: accepted.length, REJECTED: 0 });
    expect(await taken(system, 1n)).toMatchObject({ taken: accepted.length, logged: accepted.length });
  });

  it('is held back on a bulk stream, and nothing is refused', async () => {
    const stream = system.orderClient().submitOrders({ timeoutMs: 60_000 });
    const txNos = Array.from({ length: 1_000 }, () => uuidv7());
    const orders = txNos.map((txNo) => ({ txNo, productId: 2n, payCount: 1 }));
    for (const order of orders.slice(0, 500)) stream.write(order);
    stream.write({ ...orders[500], more: orders.slice(501) });
    stream.end();
    const answers: (string | undefined)[] = [];
    for await (const { result, more } of stream)
      answers.push(...[{ result }, ...more].map((each) => each.result.case));
    expect(answers).toEqual(txNos.map(() => 'order'));
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 1_000, REJECTED: 0 });
  });
});
