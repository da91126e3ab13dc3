import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type CheckBack, classifyCheckBack } from '@txmsg/contracts/message-properties';
import { TransactionVerdict } from '@txmsg/contracts/participant';
import { createQuietLog, type Logger } from '@txmsg/core';
import type { ReceivedMessage, Resolution } from '@txmsg/rocketmq';
import type { ParticipantPool } from '../clients.js';
import type { Counters } from '../counters.js';
import { createShares } from './shares.js';

/** Check-backs of one participant that may wait; those beyond are left unanswered. */
const WAITING = 512;

/** What check-backs are answered with. */
export interface CheckBackOptions {
  /** Those that are served now. */
  readonly participants: ReadonlyMap<string, { readonly pool: ParticipantPool }>;
  /** Calls to one participant at a time. */
  readonly maxConcurrent: number;
  readonly counters: Counters;
  readonly logger: Logger;
}

/** Answers a broker's check-back, or leaves it unanswered (undefined); then the broker asks again. */
export type AnswerCheckBack = (
  message: ReceivedMessage,
  signal: AbortSignal,
) => Promise<Resolution | undefined>;

/** Turns check-backs into CheckTransaction calls, a bounded number per participant. Never rejects. */
export function createCheckBackAnswer(options: CheckBackOptions): AnswerCheckBack {
  const { participants, maxConcurrent, counters, logger } = options;
  const shares = createShares({ running: maxConcurrent, waiting: WAITING });
  const warnForeign = createQuietLog(logger, 'warn');
  const warnFailed = createQuietLog(logger, 'warn');
  return async ({ messageId, properties }, signal) => {
    const checkBack = classifyCheckBack(properties, (name) => participants.has(name));
    if (checkBack.kind === 'foreign') {
      counters.add('check_backs_foreign');
      warnForeign(
        { messageId, participant: checkBack.participant },
        'check-back of an unknown participant left alone',
      );
      return undefined;
    }
    if (checkBack.kind === 'outbox') {
      counters.add('check_backs_committed');
      return 'COMMIT';
    }
    try {
      const ask = () => askParticipant(participants, checkBack, signal);
      const resolution = await shares.run(checkBack.participant, ask, signal);
      counters.add(resolution ? COUNTERS[resolution] : 'check_backs_unknown');
      return resolution;
    } catch (error) {
      counters.add('check_backs_failed');
      warnFailed({ err: error, ...checkBack }, 'participant could not be asked; the broker asks again');
      return undefined;
    }
  };
}

const COUNTERS = { COMMIT: 'check_backs_committed', ROLLBACK: 'check_backs_rolled_back' } as const;

async function askParticipant(
  participants: CheckBackOptions['participants'],
  { participant, transactionId, createTimeMs }: Extract<CheckBack, { kind: 'half' }>,
  signal: AbortSignal,
): Promise<Resolution | undefined> {
  const createTime = createTimeMs === undefined ? {} : { createTime: timestampFromMs(createTimeMs) };
  const response = await participants
    .get(participant)
    ?.pool.call((client) => client.checkTransaction({ transactionId, ...createTime }, { signal }));
  switch (response?.verdict) {
    case TransactionVerdict.COMMIT:
      return 'COMMIT';
    case TransactionVerdict.ROLLBACK:
      return 'ROLLBACK';
    default:
      return undefined;
  }
}
