import type { Database, DatabaseClock } from '@txmsg/mysql';
import { pino } from 'pino';
import { createParticipant, type Participant, type ParticipantOptions } from '../claim/participant.js';
import { orderGroup, shopTypes, tables } from './shop.js';

const DAY = 86_400_000;

/** Makes the participant of a shop with the usual limits, on a database with the second schema. */
export function createShopParticipant(
  database: Database,
  clock: DatabaseClock,
  options: Partial<ParticipantOptions> = {},
): Participant {
  return createParticipant({
    ...shopTypes(),
    database,
    clock,
    tables,
    columns: { present: true },
    hookDeadlineMs: 500,
    definition: () => orderGroup,
    firstMs: 10_000,
    maxMs: 3_600_000,
    fenceMs: 30_000,
    retentionMs: 7 * DAY,
    maxGroupSize: 1_000,
    logger: pino({ level: 'silent' }),
    onSettled: () => {},
    failpoints: 'outbox',
    ...options,
  });
}
