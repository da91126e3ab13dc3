import type { QuietLog } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import { isContention } from '../store/failure-kind.js';
import type { Watermarks } from '../store/watermarks.js';

/** Sees to it that retention knows every participant whose messages come. */
export interface KnownParticipants {
  /**
   * Registers those that were not seen within the last minute. One whose row somebody keeps locked is registered later:
   * the floor is far below what comes now. Of names that never reported only so many are registered; retention does not
   * wait for those beyond them.
   *
   * @throws the database's error when it is another
   */
  see(participants: Iterable<string>): Promise<void>;
}

const SEEN_FOR_MS = 60_000;
/** Until the next try at one whose row was locked. */
const AGAIN_AFTER_MS = 5_000;
const MAX_REMEMBERED = 1_000;

/**
 * Makes the register; blank names are passed over.
 *
 * @param unknownParticipant told of a name that isn't registered because too many others never reported
 */
export function createKnownParticipants(
  database: Database,
  watermarks: Pick<Watermarks, 'register'>,
  unknownParticipant: QuietLog = () => undefined,
): KnownParticipants {
  const seenAt = new Map<string, number>();
  return {
    async see(participants) {
      const now = performance.now();
      for (const participant of new Set(participants)) {
        const seen = seenAt.get(participant);
        if (participant === '' || (seen !== undefined && now - seen < SEEN_FOR_MS)) continue;
        const registered = await register(database, watermarks, participant);
        if (seenAt.size >= MAX_REMEMBERED) seenAt.clear();
        seenAt.set(participant, registered === 'locked' ? now - SEEN_FOR_MS + AGAIN_AFTER_MS : now);
        if (registered !== 'full') continue;
        unknownParticipant(
          { alarm: 'UNKNOWN_PARTICIPANT', participants: [participant] },
          'too many participants have never reported: retention does not wait for another one',
        );
      }
    },
  };
}

async function register(
  database: Database,
  watermarks: Pick<Watermarks, 'register'>,
  participant: string,
): Promise<'known' | 'full' | 'locked'> {
  try {
    const known = await database.run((connection) => watermarks.register(connection, participant));
    return known ? 'known' : 'full';
  } catch (error) {
    if (!isContention(error)) throw error;
    return 'locked';
  }
}
