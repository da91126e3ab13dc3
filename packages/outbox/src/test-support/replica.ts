import type { TakeStock } from '@txmsg/contracts/messages';
import { createDatabaseClock, type Database, type DatabaseClock } from '@txmsg/mysql';
import { pino } from 'pino';
import { createGroupQueue, type GroupQueue, type GroupQueueOptions } from '../publish/group-queue.js';
import type { HalfMessage, RelayLink } from '../publish/relay-link.js';
import { createGroupWriter, type GroupWriterOptions } from '../publish/write-group.js';
import { type NewOrder, type Order, orderGroup, refusals, tables } from './shop.js';

/** What a shop has asked of its relay: the broker's side is not part of these tests. */
export interface RecordingRelay extends RelayLink {
  readonly halves: HalfMessage[];
  /** How each half message was ended; one that is missing was left to its check-back. */
  readonly ended: Map<string, 'COMMIT' | 'ROLLBACK'>;
  available: boolean;
  /** Called before a half message is taken; may throw to make it fail. */
  onPrepare: (half: HalfMessage) => void | Promise<void>;
}

/** Makes a recording relay. */
export function createRecordingRelay(): RecordingRelay {
  const relay: RecordingRelay = {
    halves: [],
    ended: new Map(),
    available: true,
    onPrepare: () => {},
    async prepareNextTurn(make) {
      await new Promise(setImmediate);
      const half = make();
      relay.halves.push(half);
      try {
        await relay.onPrepare(half);
        return new TextEncoder().encode(half.transactionId);
      } catch {
        return 'UNSENT';
      }
    },
    async end(half, verdict) {
      const handle = await half;
      if (typeof handle !== 'string') relay.ended.set(new TextDecoder().decode(handle), verdict);
    },
    drain: async () => {},
  };
  return relay;
}

/** One replica of a shop without its servers. */
export interface Replica {
  readonly queue: GroupQueue<NewOrder, Order>;
  readonly relay: RecordingRelay;
  readonly clock: DatabaseClock;
  readonly outages: unknown[];
}

/** Makes a replica on a database. */
export async function createReplica(
  database: Database,
  options: Partial<GroupQueueOptions<NewOrder, Order>> = {},
  writing: Partial<GroupWriterOptions<NewOrder, Order, TakeStock>> = {},
): Promise<Replica> {
  const relay = createRecordingRelay();
  const clock = createDatabaseClock(database);
  const outages: unknown[] = [];
  await clock.sync();
  const writeGroup = createGroupWriter({
    definition: orderGroup,
    tables,
    refusals,
    failpoints: 'order',
    database,
    clock,
    relay,
    logger: pino({ level: 'silent' }),
    firstRelayDelayMs: () => 10_000,
    onOutage: (error) => outages.push(error),
    isDatabaseThere: async () => true,
    answerWithinMs: 60_000,
    ...writing,
  });
  const { sameContent } = orderGroup;
  const defaults = { maxQueued: 10_000, maxGroupsInFlight: 1, maxGroupSize: 1_000, sameContent, refusals };
  return { queue: createGroupQueue(writeGroup, { ...defaults, ...options }), relay, clock, outages };
}
