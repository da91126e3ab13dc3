import {
  type CarriedTransaction,
  type ContentOf,
  type Decision,
  DROPPED,
  type Fresh,
  mayBeSameParticipant,
  type RecordedTransaction,
} from './transaction.js';

/** What is done with one transaction of a group. */
export type Disposition =
  /** New: this group decides it. */
  | { readonly kind: 'decided'; readonly decision: Decision }
  /** On record with the same content. */
  | { readonly kind: 'duplicate'; readonly decision: Decision }
  /** On record with other content: the decision on record stands. */
  | { readonly kind: 'mismatch'; readonly decision: Decision }
  /** On record for another participant: the decision there says nothing about this transaction, which isn't applied. */
  | { readonly kind: 'other-participant'; readonly owner: string }
  /** Somebody else keeps a row that it needs locked: nothing was done, try again later. */
  | { readonly kind: 'blocked' }
  /** Older than what is remembered: not applied, and nothing is known of it. */
  | { readonly kind: 'below-floor' };

/** What is known of a group before it is decided. */
export interface GroupFacts {
  /** Transactions on record among those of the group, by txNo. */
  readonly recorded: ReadonlyMap<string, RecordedTransaction>;
  /** Transactions created before this time are not applied; milliseconds since the epoch. */
  readonly floorMs: number;
}

/** The transactions of a group that nobody has decided yet. */
export interface FreshOfGroup {
  /** In the order of arrival, each txNo once. */
  readonly list: readonly Fresh<unknown>[];
  /** Where each stands in the list, by txNo. */
  readonly indexes: ReadonlyMap<string, number>;
}

/** Finds those that are neither on record nor below the floor. */
export function freshOf(
  group: readonly CarriedTransaction[],
  { recorded, floorMs }: GroupFacts,
): FreshOfGroup {
  const list: Fresh<unknown>[] = [];
  const indexes = new Map<string, number>();
  for (const { transaction, participant } of group) {
    const { txNo, createTimeMs, message, type } = transaction;
    if (createTimeMs < floorMs || recorded.has(txNo) || indexes.has(txNo)) continue;
    indexes.set(txNo, list.push({ txNo, createTimeMs, message, type, participant }) - 1);
  }
  return { list, indexes };
}

/**
 * Says what is done with each transaction of a group, in their order. A txNo that comes again in the same group is
 * compared with its first occurrence.
 *
 * @param decisions one for each fresh transaction, in the order of their list
 */
export function dispositionsOf(
  group: readonly CarriedTransaction[],
  { recorded, floorMs }: GroupFacts,
  fresh: FreshOfGroup,
  decisions: readonly Decision[],
  contentOf: ContentOf,
): Disposition[] {
  let next = 0;
  return group.map((carried): Disposition => {
    const { txNo, createTimeMs } = carried.transaction;
    const record = recorded.get(txNo);
    if (record) return compareWithRecord(carried, record, contentOf);
    const index = fresh.indexes.get(txNo);
    if (index === undefined || (index >= next && createTimeMs < floorMs)) return { kind: 'below-floor' };
    const first = fresh.list[index] as Fresh<unknown>;
    const decision = decisions[index] as Decision;
    if (index < next)
      return compareWithRecord(carried, { ...first, ...decision, content: contentOf(first) }, contentOf);
    next += 1;
    return { kind: 'decided', decision };
  });
}

/** Says what is done with a transaction that is on record. */
export function compareWithRecord(
  { transaction, participant }: CarriedTransaction,
  { outcome, reason, type, content, participant: owner }: RecordedTransaction,
  contentOf: ContentOf,
): Disposition {
  if (!mayBeSameParticipant(participant, owner)) return { kind: 'other-participant', owner };
  const decision = { outcome, reason };
  // What a person gave up was perhaps unreadable, so its record doesn't tell the content.
  if (reason === DROPPED) return { kind: 'duplicate', decision };
  const isSameType = type === '' || type === transaction.type;
  return { kind: isSameType && contentOf(transaction) === content ? 'duplicate' : 'mismatch', decision };
}
