import { isName } from './tx-no.js';

/** The property of a message, or of a result message, that names the service whose transactions it carries. */
export const PARTICIPANT_PROPERTY = 'participant';
/** The property of a message that names its message type. */
export const TYPE_PROPERTY = 'type';
const TRANSACTION_ID = 'transaction_id';
const CREATE_TIME = 'create_time';
const KIND = 'kind';

/** What a participant said of a transaction when it was prepared. */
export interface TransactionFacts {
  readonly participant: string;
  readonly transactionId: string;
  /** Milliseconds of the participant's database clock. */
  readonly createTimeMs: number;
  /** The message type; blank or missing when the participant names none. */
  readonly type?: string;
}

/** Properties of the half message of a local transaction: its check-back is decided by the participant. */
export function halfProperties(facts: TransactionFacts): Record<string, string> {
  return {
    [PARTICIPANT_PROPERTY]: facts.participant,
    [TRANSACTION_ID]: facts.transactionId,
    [CREATE_TIME]: String(facts.createTimeMs),
    [KIND]: 'half',
    ...typeProperty(facts.type),
  };
}

/** Properties of a message from an outbox: its transactions are committed, so its check-back is always COMMIT. */
export function outboxProperties(participant: string, type?: string): Record<string, string> {
  return { [PARTICIPANT_PROPERTY]: participant, [KIND]: 'outbox', ...typeProperty(type) };
}

function typeProperty(type: string | undefined): Record<string, string> {
  return type ? { [TYPE_PROPERTY]: type } : {};
}

/** Who published a message, and of which type it is, as far as its properties tell. */
export interface MessageOrigin {
  /** Blank when the message names none: a foreign producer, to which no outcome is reported. */
  readonly participant: string;
  /** What the message names instead of a participant, when that can't be one; cut. */
  readonly badParticipant?: string;
  /** Blank when the message names none. */
  readonly type: string;
}

const TOLD_LENGTH = 64;

/** Reads a received message's properties. A participant that can't be one counts as none. */
export function messageOrigin(properties: ReadonlyMap<string, string>): MessageOrigin {
  const participant = properties.get(PARTICIPANT_PROPERTY) ?? '';
  const type = properties.get(TYPE_PROPERTY) ?? '';
  if (participant === '' || isName(participant)) return { participant, type };
  return { participant: '', badParticipant: participant.slice(0, TOLD_LENGTH), type };
}

/** Whom a check-back concerns. */
export type CheckBack =
  | { readonly kind: 'outbox' }
  | {
      readonly kind: 'half';
      readonly participant: string;
      readonly transactionId: string;
      /** Absent when the property is missing or unreadable. */
      readonly createTimeMs?: number;
    }
  /** Not ours, or of a participant that this relay doesn't know: to be left unanswered. */
  | { readonly kind: 'foreign'; readonly participant: string };

/**
 * Reads a check-back's properties. An outbox message must name a known participant, too: else it isn't ours to commit.
 */
export function classifyCheckBack(
  properties: ReadonlyMap<string, string>,
  isKnown: (participant: string) => boolean,
): CheckBack {
  const participant = properties.get(PARTICIPANT_PROPERTY) ?? '';
  if (participant === '' || !isKnown(participant)) return { kind: 'foreign', participant };
  if (properties.get(KIND) === 'outbox') return { kind: 'outbox' };
  const transactionId = properties.get(TRANSACTION_ID) ?? '';
  if (transactionId === '') return { kind: 'foreign', participant };
  const createTime = properties.get(CREATE_TIME) ?? '';
  const known = { kind: 'half', participant, transactionId } as const;
  return /^\d{1,15}$/.test(createTime) ? { ...known, createTimeMs: Number(createTime) } : known;
}

/**
 * The keys by which the broker finds a message: the group's transaction_id if it has one, then as many of its txNos as
 * fit, with a separator each. A larger group is found by its transaction_id, which the participant stores with each
 * txNo.
 */
export function messageKeys(
  txNos: readonly string[],
  maxBytes: number,
  transactionId?: string,
): readonly string[] {
  const keys = transactionId === undefined ? txNos : [transactionId, ...txNos];
  let bytes = 0;
  const count = keys.findIndex((key) => {
    bytes += Buffer.byteLength(key) + 1;
    return bytes > maxBytes;
  });
  return count === -1 ? keys : keys.slice(0, count);
}
