import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { MessageGroup } from '@txmsg/contracts/participant';
import { chunks, createBell, failpoint } from '@txmsg/core';
import type { ParticipantPool } from '../clients.js';
import { createPollPace, type PollPaceOptions, type PollResult } from '../domain/poll-pace.js';
import { type PublishGroupsOptions, publishGroups } from './publish-groups.js';

const RELEASE_MAX = 10_000;

/** What an outbox works with. */
export interface OutboxOptions extends PublishGroupsOptions {
  readonly pool: ParticipantPool;
  /** Transactions claimed at a time. */
  readonly batch: number;
  readonly pace: PollPaceOptions;
  /** Told the participant's watermark after each claim. */
  readonly onOldestUnsettled: (participant: string, time: Timestamp) => void;
}

/** Publishes a participant's unsettled transactions until they are settled. Any number may run for one participant. */
export interface Outbox {
  /** Polls now, and quickly for a while: something is expected. */
  wake(): void;
  /** Runs until the abort. It publishes or gives back what it has claimed by then. */
  run(signal: AbortSignal): Promise<void>;
}

/** Makes the outbox of one participant. */
export function createOutbox(options: OutboxOptions): Outbox {
  const bell = createBell();
  const pace = createPollPace(options.pace);
  const health = createHealthLog(options);
  return {
    wake: () => bell.ring(),
    async run(signal) {
      while (!signal.aborted) {
        const result = await round(options, health, signal);
        if (await bell.wait(pace.after(result), signal)) pace.hurry();
      }
    },
  };
}

/** One claim and what comes of it. Never rejects. */
async function round(options: OutboxOptions, health: HealthLog, signal: AbortSignal): Promise<PollResult> {
  // A claim while nothing can be published would only be given back. The broker's return rings the bell.
  if (![...options.publishers.values()].some(({ available }) => available)) return 'nothing';
  try {
    const request = { maxTransactions: options.batch };
    const claim = await options.pool.call((client) => client.claimUnsettled(request));
    await failpoint('relay.outbox-claimed');
    if (claim.oldestUnsettledTime) options.onOldestUnsettled(options.participant, claim.oldestUnsettledTime);
    const { unsent, faulty } = await publishGroups(claim.groups, options, signal);
    await release(unsent, options);
    health.ok();
    if (faulty) return 'fault';
    if (claim.more) return 'more';
    return claim.groups.length > 0 ? 'work' : 'nothing';
  } catch (error) {
    health.fault(error);
    return 'fault';
  }
}

/** Gives back what was not published: it is due at once. When the release fails, the lease runs out instead. */
async function release(groups: readonly MessageGroup[], { pool }: OutboxOptions): Promise<void> {
  for (const txNos of chunks(
    groups.flatMap((group) => group.txNos),
    RELEASE_MAX,
  )) {
    await pool.call((client) => client.releaseUnsettled({ txNos }));
  }
}

interface HealthLog {
  ok(): void;
  fault(error: unknown): void;
}

/** Logs when it begins to fail and when that is over, and nothing in between. */
function createHealthLog({ logger, participant }: OutboxOptions): HealthLog {
  let failing = false;
  return {
    ok() {
      if (failing) logger.info({ participant }, 'outbox: participant is back');
      failing = false;
    },
    fault(error) {
      if (!failing) logger.warn({ err: error, participant }, 'outbox: participant can not be reached');
      failing = true;
    },
  };
}
