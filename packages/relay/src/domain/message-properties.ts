/** The properties by which a relay knows its messages again. */
const PARTICIPANT = 'participant';
const TRANSACTION_ID = 'transaction_id';
const CREATE_TIME = 'create_time';
const KIND = 'kind';

/** What a participant said of a transaction when it was prepared. */
export interface TransactionFacts {
  readonly participant: string;
  readonly transactionId: string;
  /** Milliseconds of the participant's database clock. */
  readonly createTimeMs: number;
}

/** Properties of the half message of a local transaction: its check-back is decided by the participant. */
export function halfProperties(facts: TransactionFacts): Record<string, string> {
  return {
    [PARTICIPANT]: facts.participant,
    [TRANSACTION_ID]: facts.transactionId,
    [CREATE_TIME]: String(facts.createTimeMs),
    [KIND]: 'half',
  };
}

/** Properties of a message from an outbox: its transactions are committed, so its check-back is always COMMIT. */
export function outboxProperties(participant: string): Record<string, string> {
  return { [PARTICIPANT]: participant, [KIND]: 'outbox' };
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

/** Reads a check-back's properties. Also an outbox message must name a known participant: else it isn't ours to commit. */
export function classifyCheckBack(
  properties: ReadonlyMap<string, string>,
  isKnown: (participant: string) => boolean,
): CheckBack {
  const participant = properties.get(PARTICIPANT) ?? '';
  if (participant === '' || !isKnown(participant)) return { kind: 'foreign', participant };
  if (properties.get(KIND) === 'outbox') return { kind: 'outbox' };
  const transactionId = properties.get(TRANSACTION_ID) ?? '';
  if (transactionId === '') return { kind: 'foreign', participant };
  const createTime = properties.get(CREATE_TIME) ?? '';
  const known = { kind: 'half', participant, transactionId } as const;
  return /^\d{1,15}$/.test(createTime) ? { ...known, createTimeMs: Number(createTime) } : known;
}
