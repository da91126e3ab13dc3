import dns from 'node:dns';
import { TransactionConsumer } from '@txmsg/contracts';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientPool, createClientPool } from './client-pool.js';
import { createGrpcServer, type GrpcServer, serviceEntry } from './grpc-server.js';

const logger = pino({ level: 'silent' });
const NAME = 'replicas.test';

/** A consumer that answers with its address. */
function startReplica(host: string, port: number): Promise<GrpcServer> {
  const unused = () => ({});
  const entry = serviceEntry(TransactionConsumer, {
    getStatus: () => ({ counters: { [host]: 1n } }),
    reportWatermark: unused,
    listWatermarks: unused,
    deleteWatermark: unused,
    listDeadLetters: unused,
    getDeadLetter: unused,
    replayDeadLetter: unused,
    dropDeadLetter: unused,
    listAdminActions: unused,
  });
  return createGrpcServer([entry], { host, port, logger });
}

describe.each(['', 'dns:///'])('a name behind %j that resolves to two addresses', (scheme) => {
  let replicas: GrpcServer[] = [];
  let pool: ClientPool<typeof TransactionConsumer>;

  beforeEach(async () => {
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    vi.spyOn(dns.promises, 'lookup').mockImplementation((async (host: string) => {
      if (host !== NAME) throw new Error(`${host} is not to be looked up`);
      return addresses;
    }) as never);
    const first = await startReplica('127.0.0.1', 0);
    replicas = [first, await startReplica('127.0.0.2', first.port)];
    pool = createClientPool(TransactionConsumer, [`${scheme}${NAME}:${first.port}`]);
  });

  afterEach(async () => {
    pool.close();
    await Promise.all(replicas.map((replica) => replica.close(200)));
    vi.restoreAllMocks();
  });

  const answeredBy = () =>
    pool.call(async (client) => Object.keys((await client.getStatus({})).counters).join());

  it('is called at both, and at the other one when one is gone', async () => {
    const seen = new Set<string>();
    await vi.waitFor(async () => {
      seen.add(await answeredBy());
      expect([...seen].sort()).toEqual(['127.0.0.1', '127.0.0.2']);
    });
    await replicas.shift()?.close(0);
    for (let call = 0; call < 20; call += 1) expect(await answeredBy()).toBe('127.0.0.2');
  });
});
