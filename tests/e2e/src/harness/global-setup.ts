import { type BrokerAddress, startTestBroker, startTestDatabase } from '@txmsg/stack/testing';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** host:port of the database server that files share which don't break it. */
    databaseAddress: string;
    /** The same for the broker. */
    broker: BrokerAddress;
  }
}

/** Starts the servers that are shared by the files of the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [database, broker] = await Promise.all([startTestDatabase(), startTestBroker()]);
  project.provide('databaseAddress', `127.0.0.1:${database.port}`);
  const { endpoints, namesrvAddr, adminPort } = broker;
  project.provide('broker', { endpoints, namesrvAddr, adminPort });
  return async () => void (await Promise.all([database.stop(), broker.stop()]));
}
