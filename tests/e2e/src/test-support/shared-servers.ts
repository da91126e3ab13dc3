import { connectTestBroker } from '@txmsg/stack/testing';
import type {} from '@txmsg/stack/testing/shared-broker';
import type {} from '@txmsg/stack/testing/shared-database';
import type { SystemOptions } from '@txmsg/testbed';
import { inject } from 'vitest';

/** The run's database server and broker, for a system that doesn't break them. */
export function sharedServers(): Required<Pick<SystemOptions, 'databaseAddress' | 'broker'>> {
  return { databaseAddress: inject('databaseAddress'), broker: connectTestBroker(inject('broker')) };
}
