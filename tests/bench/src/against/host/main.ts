import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectTestBroker } from '@txmsg/stack/testing';
import type * as Testbed from '@txmsg/testbed';
import { serveJobs } from '../../load/serve-jobs.js';
import { testbedOf } from '../checkout.js';
import type { HostJobs, Started, StartJob } from './jobs.js';

let system: Testbed.System | undefined;

serveJobs<HostJobs>({
  start,
  async stop() {
    await system?.stop();
    system = undefined;
    return {};
  },
});

/** The checkout's own testbed starts its services, because it knows their settings, migrations, topics and groups. */
async function start({ dir, databaseAddress, broker, env, pieces }: StartJob): Promise<Started> {
  const entry = pathToFileURL(join(dir, testbedOf(dir)));
  const testbed: Pick<typeof Testbed, 'startSystem'> = await import(entry.href);
  const started = await testbed.startSystem({
    databaseAddress,
    broker: connectTestBroker(broker),
    env,
  });
  system = started;
  await started.addStock(1n, pieces);
  const pids = (services: readonly { readonly pid: number | undefined }[]) =>
    services.flatMap(({ pid }) => pid ?? []);
  return {
    addresses: started.orders.map(({ address }) => address),
    pids: {
      'order-svc': pids(started.orders),
      relay: pids(started.relays),
      'stock-svc': pids(started.stocks),
    },
    orderDb: await nameOf(started.orderDb),
    stockDb: await nameOf(started.stockDb),
  };
}

async function nameOf(pool: Testbed.System['orderDb']): Promise<string> {
  const [rows] = await pool.query('SELECT DATABASE() AS name');
  const [row] = rows as { name: string }[];
  return row?.name ?? '';
}
