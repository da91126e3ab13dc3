import type { ServiceError } from '@grpc/grpc-js';
import { Outcome } from '@txmsg/contracts/message';
import { OrderStatus } from '@txmsg/contracts/order';
import { createTransactionPublisher, type TransactionPublisher } from '@txmsg/rocketmq';
import type { System } from '@txmsg/testbed';
import type { RowDataPacket } from 'mysql2/promise';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';

/** Submits an order at a replica and returns its tx_no. */
export async function submit(
  system: System,
  fields: { productId?: bigint; payCount?: number; txNo?: string } = {},
  replica = 0,
): Promise<string> {
  const { txNo } = await system.orderClient(replica).submitOrder({ productId: 1n, payCount: 1, ...fields });
  return txNo;
}

/** Submits this many orders of one piece of product 1 at once and returns their txNos. */
export function submitMany(system: System, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => submit(system)));
}

/** The gRPC code of a call that must fail. */
export function codeOf(call: Promise<unknown>): Promise<number> {
  return call.then(
    () => Promise.reject(new Error('the call succeeded')),
    (error: ServiceError) => error.code,
  );
}

/** Waits until orders are settled. Returns how many have each status. */
export async function settled(system: System, txNos: readonly string[]): Promise<Record<string, number>> {
  await expect.poll(() => count(system, txNos, 'PENDING'), { timeout: 90_000 }).toBe(0);
  return {
    CONFIRMED: await count(system, txNos, 'CONFIRMED'),
    REJECTED: await count(system, txNos, 'REJECTED'),
  };
}

async function count(system: System, txNos: readonly string[], status: string): Promise<number> {
  const [[row]] = await system.orderDb.query<(RowDataPacket & { n: number })[]>(
    'SELECT COUNT(*) AS n FROM orders WHERE tx_no IN (?) AND status = ?',
    [txNos, status],
  );
  return Number(row?.n);
}

/** What the stock side has taken of a product, by its own sum and by its transactions. */
export async function taken(
  system: System,
  productId: bigint,
): Promise<{ left: number; taken: number; logged: number }> {
  const [[stock]] = await system.stockDb.query<(RowDataPacket & { left: number; taken: number })[]>(
    'SELECT total_count AS `left`, taken_total AS taken FROM stock WHERE product_id = ?',
    [productId.toString()],
  );
  const [[log]] = await system.stockDb.query<(RowDataPacket & { logged: number })[]>(
    "SELECT COALESCE(SUM(pay_count), 0) AS logged FROM tx_log WHERE product_id = ? AND outcome = 'APPLIED'",
    [productId.toString()],
  );
  return { left: Number(stock?.left), taken: Number(stock?.taken), logged: Number(log?.logged) };
}

/** The outcome that the stock side has on record. Undefined while it has none. */
export async function outcomeOf(system: System, txNo: string): Promise<'APPLIED' | 'REJECTED' | undefined> {
  try {
    const { transaction } = await system.stockClient().getStockTransaction({ txNo });
    return transaction?.outcome === Outcome.APPLIED ? 'APPLIED' : 'REJECTED';
  } catch (error) {
    if ((error as ServiceError).code === 5) return undefined;
    throw error;
  }
}

/** The status of an order at the order service. */
export async function statusOf(system: System, txNo: string, replica = 0): Promise<string> {
  const { order } = await system.orderClient(replica).getOrder({ key: { case: 'txNo', value: txNo } });
  return OrderStatus[order?.status ?? OrderStatus.UNSPECIFIED] ?? '';
}

/** A foreign producer, such as a Java service: it publishes any body on the message topic. */
export function createForeignProducer(
  system: System,
): TransactionPublisher & { publish(body: string, properties?: Record<string, string>): Promise<void> } {
  const publisher = createTransactionPublisher({
    endpoints: system.broker.endpoints,
    topic: system.messageTopic,
    check: async () => undefined,
    logger: pino({ level: 'silent' }),
  });
  return Object.assign(publisher, {
    async publish(body: string, properties: Record<string, string> = {}) {
      await expect.poll(() => publisher.available).toBe(true);
      const message = { topic: system.messageTopic, body: Buffer.from(body), keys: [uuidv7()], properties };
      await publisher.end(await publisher.prepare(message), 'COMMIT');
    },
  });
}
