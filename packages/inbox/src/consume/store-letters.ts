import type { Logger } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import { failureKind } from '../store/failure-kind.js';
import type { InboxStore } from '../store/inbox-store.js';
import { MAX_DETAIL, type NewDeadLetter } from '../store/letter-form.js';
import type { Counters } from './counters.js';

/** What storing letters works with. */
export interface LetterParts {
  readonly database: Database;
  readonly store: Pick<InboxStore, 'deadLetters'>;
  readonly counters: Counters;
  readonly logger: Logger;
}

/** What became of letters. */
export interface StoredLetters<Letter> {
  readonly stored: ReadonlySet<Letter>;
  /** Set when the database is away: the error that told. */
  readonly outage?: unknown;
}

/** Letters that wait for somebody's lock take a second each; those behind so many are left for their redelivery. */
const MAX_FAILURES = 3;

/** Reasons that tell of wrong data and not of a message that can't be read: somebody has to look. */
const ALARMS = new Set(['CONTENT_MISMATCH', 'OTHER_PARTICIPANT', 'BROKER_DEAD_LETTER']);

/** Stores letters one by one and tells of each. One that can't be stored is logged and leaves the others alone. */
export async function storeLetters<Letter extends NewDeadLetter>(
  { database, store, counters, logger }: LetterParts,
  letters: readonly Letter[],
): Promise<StoredLetters<Letter>> {
  const stored = new Set<Letter>();
  let failures = 0;
  for (const letter of letters) {
    if (failures >= MAX_FAILURES) break;
    try {
      await database.run((connection) => store.deadLetters.record(connection, letter));
    } catch (error) {
      if (failureKind(error) === 'outage') return { stored, outage: error };
      failures += 1;
      logger.error({ err: error, ...told(letter) }, 'a dead letter could not be stored: it is tried again');
      continue;
    }
    stored.add(letter);
    counters.deadLetters += 1;
    if (ALARMS.has(letter.reason)) {
      logger.error({ alarm: letter.reason, ...told(letter) }, 'message put to the dead letters');
    } else {
      logger.warn(told(letter), 'message put to the dead letters');
    }
  }
  return { stored };
}

function told({ messageId, participant, reason, detail }: NewDeadLetter) {
  return {
    messageId: messageId.slice(0, MAX_DETAIL),
    participant,
    reason,
    detail: detail.slice(0, MAX_DETAIL),
  };
}
