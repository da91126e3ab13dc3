import type { Database } from '@txmsg/mysql';
import { registerParticipant } from '../store/register-participant.js';

/** Sees to it that retention knows every participant whose messages come. */
export interface KnownParticipants {
  /** Registers those that were not seen within the last minute. Throws the database's error. */
  see(participants: Iterable<string>): Promise<void>;
}

const SEEN_FOR_MS = 60_000;
const MAX_REMEMBERED = 1_000;

/** Makes the register; blank names are passed over. */
export function createKnownParticipants(database: Database): KnownParticipants {
  const seenAt = new Map<string, number>();
  return {
    async see(participants) {
      const now = performance.now();
      for (const participant of new Set(participants)) {
        const seen = seenAt.get(participant);
        if (participant === '' || (seen !== undefined && now - seen < SEEN_FOR_MS)) continue;
        await database.run((connection) => registerParticipant(connection, participant));
        if (seenAt.size >= MAX_REMEMBERED) seenAt.clear();
        seenAt.set(participant, now);
      }
    },
  };
}
