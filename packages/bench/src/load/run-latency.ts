import { setTimeout as sleep } from 'node:timers/promises';
import { OrderService } from '@txmsg/contracts';
import { createGrpcClient } from '@txmsg/contracts/grpc';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import { writePlainGroup } from '../limits/plain-group.js';
import type { LatencyJob, LatencyResult } from './jobs.js';
import { Samples } from './samples.js';

/** How often a database is asked; half of it is the mean error of what is measured. */
const POLL_MS = 1;
/** Orders come at no rhythm: a pause of up to this between them. */
const MAX_PAUSE_MS = 20;
const OUTCOME_TIMEOUT_MS = 30_000;

/** Places orders one at a time and asks the databases, a millisecond apart, how far each has come. */
export async function runLatency(job: LatencyJob): Promise<LatencyResult> {
  const client = createGrpcClient(OrderService, job.address);
  const empty = createGrpcClient(OrderService, job.emptyAddress);
  const [orderDb, stockDb, plainDb] = await Promise.all(
    ([job.orderDbUrl, job.stockDbUrl, job.plainDbUrl] as const).map((uri) =>
      createConnection({ uri, timezone: 'Z' }),
    ),
  );
  if (!orderDb || !stockDb || !plainDb) throw new Error('a connection is missing');
  const [submitMs, stockTakenMs, settledMs, plainTransactionMs, emptyMs] = Array.from(
    { length: 5 },
    () => new Samples(),
  );
  try {
    for (let index = 0; index < job.orders; index += 1) {
      const txNo = uuidv7();
      const start = performance.now();
      await client.submitOrder({ productId: 1n, payCount: 1, txNo });
      submitMs?.add(performance.now() - start);
      await untilFound(stockDb, 'SELECT 1 FROM tx_log WHERE tx_no = ?', txNo);
      stockTakenMs?.add(performance.now() - start);
      await untilFound(orderDb, "SELECT 1 FROM tx_log WHERE tx_no = ? AND state = 'SETTLED'", txNo);
      settledMs?.add(performance.now() - start);
      await sleep(Math.random() * MAX_PAUSE_MS);
      const plainStart = performance.now();
      await writePlainGroup(plainDb, 1);
      plainTransactionMs?.add(performance.now() - plainStart);
      await sleep(Math.random() * MAX_PAUSE_MS);
      const emptyStart = performance.now();
      await empty.submitOrder({ productId: 1n, payCount: 1 });
      emptyMs?.add(performance.now() - emptyStart);
      await sleep(Math.random() * MAX_PAUSE_MS);
    }
  } finally {
    client.close();
    empty.close();
    await Promise.all([orderDb.end(), stockDb.end(), plainDb.end()]);
  }
  const values = (samples: Samples | undefined) => samples?.toArray() ?? new Float64Array();
  return {
    submitMs: values(submitMs),
    stockTakenMs: values(stockTakenMs),
    settledMs: values(settledMs),
    plainTransactionMs: values(plainTransactionMs),
    emptyMs: values(emptyMs),
  };
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
