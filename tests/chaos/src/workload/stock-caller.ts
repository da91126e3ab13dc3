import { setTimeout as sleep } from 'node:timers/promises';
import type { StockService } from '@txmsg/contracts';
import type { GrpcClient } from '@txmsg/grpc';
import type { HistoryEvent } from '../history/history-event.js';
import { readFailure } from './grpc-failure.js';

/** An addition of stock. */
export interface Addition {
  readonly requestId: string;
  readonly productId: number;
  readonly count: number;
}

const TIMEOUT_MS = 4_000;
const ATTEMPTS = 5;
const PAUSE_MS = 500;

/**
 * Adds stock, in turn on every replica until one says OK, a few times at most. Writes each call down with its answer.
 *
 * @returns whether one said OK
 */
export async function addStock(
  clients: readonly GrpcClient<typeof StockService>[],
  firstReplica: number,
  addition: Addition,
  write: (event: HistoryEvent) => void,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await sleep(PAUSE_MS * attempt);
    const replica = (firstReplica + attempt) % clients.length;
    const code = await callAddStock(
      clients[replica] as GrpcClient<typeof StockService>,
      replica,
      addition,
      write,
    );
    if (code === 'OK') return true;
  }
  return false;
}

async function callAddStock(
  client: GrpcClient<typeof StockService>,
  replica: number,
  addition: Addition,
  write: (event: HistoryEvent) => void,
): Promise<string> {
  const startMs = Date.now();
  const { requestId, productId, count } = addition;
  let code = 'OK';
  try {
    const request = { requestId, productId: BigInt(productId), count: BigInt(count) };
    await client.addStock(request, { timeoutMs: TIMEOUT_MS });
  } catch (error) {
    code = readFailure(error).code;
  }
  write({ type: 'add-stock', replica, ...addition, startMs, endMs: Date.now(), code });
  return code;
}
