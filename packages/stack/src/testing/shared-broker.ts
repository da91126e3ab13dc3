import type { TestProject } from 'vitest/node';
import type { BrokerAddress } from './connect-test-broker.js';
import { startTestBroker } from './test-broker.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The broker of this run, for `connectTestBroker`. Every spec file creates its own topics and groups there. */
    broker: BrokerAddress;
  }
}

/** A `globalSetup` of vitest: one broker for the run, at `inject('broker')`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = await startTestBroker();
  const { endpoints, namesrvAddr, adminPort } = broker;
  project.provide('broker', { endpoints, namesrvAddr, adminPort });
  return () => broker.stop();
}
