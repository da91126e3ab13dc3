import { createDatabaseClock, type Database, type DatabaseClock } from '@txmsg/mysql';
import type { RelayLink } from '@txmsg/outbox';
import { pino } from 'pino';
import { createOrderOutbox, type OrderOutbox } from '../order-outbox.js';

/** A relay that can't be reached: orders wait for the outbox. */
const noRelay: RelayLink = {
  available: false,
  prepareNextTurn: async () => 'UNSENT',
  end: async () => {},
  drain: async () => {},
};

/** Makes the outbox of the order service on a database, with the usual settings. */
export async function createTestOutbox(
  database: Database,
  clock: DatabaseClock = createDatabaseClock(database),
): Promise<OrderOutbox> {
  const monitor = { available: true, check: async () => true, reportOutage: () => {} };
  const logger = pino({ level: 'silent' });
  const settings = {
    topic: 'topic_txmsg',
    firstRelayMs: 10_000,
    maxRelayMs: 3_600_000,
    fenceMs: 30_000,
    retentionMs: 86_400_000,
    retentionEveryMs: 60_000,
    maxGroupSize: 1_000,
    maxGroupsInFlight: 1,
    maxQueued: 10_000,
  };
  await clock.sync();
  const made = createOrderOutbox(settings, { database, clock, monitor, relay: noRelay, logger });
  await made.outbox.onPing();
  return made;
}
