import type { TransactionConsumer } from '@txmsg/contracts';
import { TxmsgError } from '@txmsg/core';
import type { ServiceHandlers } from '@txmsg/grpc';
import type { DecodeMessage, Delivery } from '../consume/delivery.js';
import type { Handled } from '../consume/handle-deliveries.js';
import { type OutcomePublisher, publishOutcomes } from '../consume/publish-outcomes.js';
import { dropDeadLetter } from '../dead-letters/drop-dead-letter.js';
import { judgeReplay, replayDelivery } from '../dead-letters/replay-dead-letter.js';
import type { DeadLetterRow } from '../store/dead-letters.js';
import type { InboxStore } from '../store/inbox-store.js';
import type { DatabaseCalls } from './database-calls.js';
import { fromDeadLetterStatus, toDeadLetter } from './encode-dead-letter.js';
import { readPage } from './page-token.js';

/** What the RPCs about dead letters work with. */
export interface DeadLetterParts {
  readonly database: DatabaseCalls;
  readonly store: InboxStore;
  readonly decode: DecodeMessage;
  readonly outcomes: OutcomePublisher;
  /** Handles deliveries as the consumer does. */
  readonly handle: (deliveries: readonly Delivery[]) => Promise<readonly Handled[]>;
}

type DeadLetterHandlers = Pick<
  ServiceHandlers<typeof TransactionConsumer>,
  'listDeadLetters' | 'getDeadLetter' | 'replayDeadLetter' | 'dropDeadLetter'
>;

/** The handlers about dead letters. */
export function createDeadLetterHandlers(parts: DeadLetterParts): DeadLetterHandlers {
  const { database, store } = parts;
  return {
    async listDeadLetters(request) {
      const status = fromDeadLetterStatus(request.status);
      const { rows, nextPageToken } = await readPage(
        request,
        (after, limit) =>
          database.read((connection) => store.deadLetters.list(connection, after, limit, status)),
        ({ id }) => id,
      );
      return { deadLetters: rows.map(toDeadLetter), nextPageToken };
    },
    async getDeadLetter({ deadLetterId }) {
      return { deadLetter: toDeadLetter(await readLetter(parts, deadLetterId)) };
    },
    replayDeadLetter: ({ deadLetterId, actor }) => replay(parts, deadLetterId, actor),
    dropDeadLetter: ({ deadLetterId, actor }) => drop(parts, deadLetterId, actor),
  };
}

async function readLetter({ database, store }: DeadLetterParts, id: bigint): Promise<DeadLetterRow> {
  const letter = await database.read((connection) => store.deadLetters.find(connection, id));
  if (!letter) throw noSuchLetter(id);
  return letter;
}

function noSuchLetter(id: bigint): TxmsgError {
  return new TxmsgError('NOT_FOUND', `dead letter ${id} does not exist`);
}

async function replay(parts: DeadLetterParts, id: bigint, actor: string) {
  const { database, handle, store } = parts;
  const letter = await readLetter(parts, id);
  if (letter.status === 'DROPPED') {
    throw new TxmsgError('FAILED_PRECONDITION', `dead letter ${id} was dropped: its outcomes stand`);
  }
  if (letter.bodyLength !== null) {
    const stored = `${letter.body.length} of its ${letter.bodyLength} bytes`;
    throw new TxmsgError(
      'FAILED_PRECONDITION',
      `dead letter ${id} can't be replayed: only ${stored} are stored`,
    );
  }
  const [handled] = await database.guard(() => handle([replayDelivery(letter)]));
  if (!handled) throw new Error('a delivery was handled without a result');
  if (handled.judgement.blocked) throw lockedRows();
  const { resolved, reported, counts, detail } = judgeReplay(handled);
  await database.change(async (tx) => {
    if (resolved) await store.deadLetters.mark(tx, id, 'REPLAYED');
    await store.adminActions.insert(tx, { actor, action: 'REPLAY_DEAD_LETTER', target: String(id), detail });
  });
  if (!reported) throw notPublished();
  const { applied, rejected, duplicates, belowFloor } = counts;
  const deadLetter = toDeadLetter(await readLetter(parts, id));
  return { deadLetter, applied, rejected, duplicates, belowFloor };
}

async function drop(parts: DeadLetterParts, id: bigint, actor: string) {
  const result = await parts.database.change((tx) => dropDeadLetter(parts, tx, id, actor));
  if (!result) throw noSuchLetter(id);
  const { letter, outcomes, dropped, alreadyDecided } = result;
  const delivery = replayDelivery(letter);
  const failed = await publishOutcomes(parts.outcomes, [{ delivery, judgement: { outcomes } }]);
  if (failed.size > 0) throw notPublished();
  return { deadLetter: toDeadLetter(letter), dropped, alreadyDecided };
}

function notPublished(): TxmsgError {
  return new TxmsgError('UNAVAILABLE', 'it is done, but the outcomes could not be published: call again', {
    retryDelayMs: 5_000,
  });
}

function lockedRows(): TxmsgError {
  return new TxmsgError('UNAVAILABLE', 'somebody else keeps rows locked that it needs: call again', {
    retryDelayMs: 5_000,
  });
}
