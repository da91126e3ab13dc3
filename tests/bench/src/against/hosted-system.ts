import type { Pool } from 'mysql2/promise';
import { createPool } from 'mysql2/promise';
import { startJobProcess } from '../load/job-process.js';
import type { BenchStack } from '../system/bench-stack.js';
import type { HostJobs, Started } from './host/jobs.js';

/** A checkout's services on the shared database server and broker. */
export interface HostedSystem {
  readonly system: { readonly orderDb: Pool; readonly stockDb: Pool };
  readonly orderDbUrl: string;
  readonly stockDbUrl: string;
  readonly addresses: readonly string[];
  /** Pids by the name under which their CPU is shown. All systems share the database and the broker. */
  readonly processes: ReadonlyMap<string, readonly number[]>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 60_000;
/** Enough for any run. */
const PIECES = 1_000_000_000n;
const ENV = { TXMSG_LOG_LEVEL: 'info' } as const;

/**
 * Starts the services of a checkout with its own testbed, in a process of its own, so two versions of the same modules
 * stay apart.
 *
 * @param dir root folder of an installed and built checkout
 */
export async function startHostedSystem(
  dir: string,
  { database, broker }: Pick<BenchStack, 'database' | 'broker'>,
): Promise<HostedSystem> {
  const host = startJobProcess<HostJobs>(new URL('./host/main.js', import.meta.url));
  const { endpoints, namesrvAddr, adminPort } = broker;
  const databaseAddress = `127.0.0.1:${database.port}`;
  const place = { databaseAddress, broker: { endpoints, namesrvAddr, adminPort } };
  let started: Started;
  try {
    started = await host.run<'start'>(
      { kind: 'start', dir, ...place, env: ENV, pieces: PIECES },
      START_TIMEOUT_MS,
    );
  } catch (error) {
    await host.stop();
    throw error;
  }
  const [orderDbUrl, stockDbUrl] = [database.url(started.orderDb), database.url(started.stockDb)];
  const [orderDb, stockDb] = [createPool({ uri: orderDbUrl }), createPool({ uri: stockDbUrl })];
  return {
    system: { orderDb, stockDb },
    orderDbUrl,
    stockDbUrl,
    addresses: started.addresses,
    processes: new Map([
      ...Object.entries(started.pids),
      ['broker', [...broker.parts.values()].flatMap(({ pid }) => pid ?? [])],
      ['database', database.pid === undefined ? [] : [database.pid]],
    ]),
    async stop() {
      await Promise.all([orderDb.end(), stockDb.end()]);
      await host.run<'stop'>({ kind: 'stop' }, STOP_TIMEOUT_MS).finally(() => host.stop());
    },
  };
}
