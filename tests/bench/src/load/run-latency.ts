import { setTimeout as sleep } from 'node:timers/promises';
import { OrderService } from '@txmsg/contracts';
import { createGrpcClient } from '@txmsg/grpc';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import { writePlainGroup } from '../limits/plain-group.js';
import type { LatencyJob, LatencyResult } from './jobs.js';
import { Samples } from './samples.js';

/** The interval of the database reads. Half of it is the mean error of the measured times. */
const POLL_MS = 1;
/** Pauses between orders are random, up to this, so orders come without a rhythm. */
const MAX_PAUSE_MS = 20;
const OUTCOME_TIMEOUT_MS = 30_000;

/** Places orders one at a time, and reads from the databases every millisecond how far each has come. */
export async function runLatency(job: LatencyJob): Promise<LatencyResult> {
  const client = createGrpcClient(OrderService, job.address);
  const empty = job.emptyAddress === undefined ? undefined : createGrpcClient(OrderService, job.emptyAddress);
  const orderDb = await connect(job.orderDbUrl);
  const stockDb = await connect(job.stockDbUrl);
  const plainDb = job.plainDbUrl === undefined ? undefined : await connect(job.plainDbUrl);
  const submit = new Samples();
  const stockTaken = new Samples();
  const settled = new Samples();
  const plainTransaction = new Samples();
  const emptyCall = new Samples();
  try {
    for (let index = 0; index < job.orders; index += 1) {
      const txNo = uuidv7();
      const start = performance.now();
      await client.submitOrder({ productId: 1n, payCount: 1, txNo });
      submit.add(performance.now() - start);
      await untilFound(stockDb, 'SELECT 1 FROM tx_log WHERE tx_no = ?', txNo);
      stockTaken.add(performance.now() - start);
      await untilFound(orderDb, "SELECT 1 FROM tx_log WHERE tx_no = ? AND state = 'SETTLED'", txNo);
      settled.add(performance.now() - start);
      if (plainDb) await timed(plainTransaction, () => writePlainGroup(plainDb, 1));
      if (empty) await timed(emptyCall, () => empty.submitOrder({ productId: 1n, payCount: 1 }));
      await pause();
    }
  } finally {
    client.close();
    empty?.close();
    await Promise.all([orderDb.end(), stockDb.end(), plainDb?.end()]);
  }
  return {
    submitMs: submit.toArray(),
    stockTakenMs: stockTaken.toArray(),
    settledMs: settled.toArray(),
    plainTransactionMs: plainTransaction.toArray(),
    emptyMs: emptyCall.toArray(),
  };
}

const connect = (uri: string) => createConnection({ uri, timezone: 'Z' });
const pause = () => sleep(Math.random() * MAX_PAUSE_MS);

/** After a pause like the one between orders. */
async function timed(samples: Samples, work: () => Promise<unknown>): Promise<void> {
  await pause();
  const start = performance.now();
  await work();
  samples.add(performance.now() - start);
}

async function untilFound(connection: Connection, query: string, txNo: string): Promise<void> {
  const deadline = performance.now() + OUTCOME_TIMEOUT_MS;
  for (;;) {
    const [rows] = await connection.query<RowDataPacket[]>(query, [txNo]);
    if (rows.length > 0) return;
    if (performance.now() > deadline)
      throw new Error(`${txNo} has no outcome after ${OUTCOME_TIMEOUT_MS} ms`);
    await sleep(POLL_MS);
  }
}
