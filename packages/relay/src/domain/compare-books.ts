/** A transaction in a side's books. */
export interface BookEntry {
  readonly txNo: string;
  /** In a form that both sides write alike. */
  readonly content: string;
  readonly outcome: 'PENDING' | 'APPLIED' | 'REJECTED';
  /** Milliseconds since the epoch. */
  readonly createTimeMs: number;
}

/** Where the books disagree about a transaction or an account. */
export type DifferenceKind =
  | 'MISSING_AT_CONSUMER'
  | 'MISSING_AT_PARTICIPANT'
  | 'CONTENT'
  | 'OUTCOME'
  | 'TOTAL'
  | 'FAULT';

/** One difference, named. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** The tx_no, or the account. */
  readonly subject: string;
  readonly atParticipant: string;
  readonly atConsumer: string;
}

/** What is wrong between the two entries of one txNo; undefined when nothing is, or nothing can be said yet. */
export function compareEntries(
  participant: BookEntry | undefined,
  consumer: BookEntry | undefined,
  forgottenBeforeMs: number,
): Difference | undefined {
  const subject = participant?.txNo ?? consumer?.txNo ?? '';
  const difference = (kind: DifferenceKind, atParticipant: string, atConsumer: string) => ({
    kind,
    subject,
    atParticipant,
    atConsumer,
  });
  if (!participant) return difference('MISSING_AT_PARTICIPANT', '', describe(consumer));
  if (!consumer) {
    const silent = participant.outcome === 'PENDING' || participant.createTimeMs < forgottenBeforeMs;
    return silent ? undefined : difference('MISSING_AT_CONSUMER', describe(participant), '');
  }
  if (participant.content !== consumer.content) {
    return difference('CONTENT', participant.content, consumer.content);
  }
  if (participant.outcome === 'PENDING' || participant.outcome === consumer.outcome) return undefined;
  return difference('OUTCOME', participant.outcome, consumer.outcome);
}

function describe(entry: BookEntry | undefined): string {
  return entry ? `${entry.content} ${entry.outcome}` : '';
}

/**
 * Pairs two streams of entries by txNo, each in ascending byte order of its txNos, as ASCII strings compare in code.
 * Holds one batch of each in memory.
 */
export async function* pairEntries(
  participant: AsyncIterable<BookEntry>,
  consumer: AsyncIterable<BookEntry>,
): AsyncGenerator<readonly [BookEntry | undefined, BookEntry | undefined]> {
  const left = participant[Symbol.asyncIterator]();
  const right = consumer[Symbol.asyncIterator]();
  let a = await left.next();
  let b = await right.next();
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.txNo < b.value.txNo)) {
      yield [a.value, undefined];
      a = await left.next();
    } else if (a.done || b.value.txNo < a.value.txNo) {
      yield [undefined, b.value];
      b = await right.next();
    } else {
      yield [a.value, b.value];
      a = await left.next();
      b = await right.next();
    }
  }
}

/** The total of one account at one side. */
export interface AccountTotal {
  readonly applied: bigint;
  /** Not settled yet; 0 at a consumer. */
  readonly pending: bigint;
}

/**
 * What is wrong between the totals of one account. The participant's are read before and after the consumer's. What it
 * had settled before must be applied there by then; what is applied there it must at least know afterwards.
 */
export function compareTotals(
  account: string,
  before: AccountTotal,
  consumer: AccountTotal,
  after: AccountTotal,
): Difference | undefined {
  const low = before.applied;
  const high = after.applied + after.pending;
  if (consumer.applied >= low && consumer.applied <= high) return undefined;
  const atParticipant = low === high ? `${low}` : `between ${low} and ${high}`;
  return { kind: 'TOTAL', subject: account, atParticipant, atConsumer: `${consumer.applied}` };
}
