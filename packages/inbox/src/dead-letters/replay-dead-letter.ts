import { type Counters, countResult, createCounters } from '../consume/counters.js';
import { type Delivery, UNKNOWN_TYPE } from '../consume/delivery.js';
import type { Handled } from '../consume/handle-deliveries.js';
import type { DeadLetterRow } from '../store/dead-letters.js';

/** What a replay came to. */
export interface Replayed {
  /** Nothing was left over: it can be marked REPLAYED. */
  readonly resolved: boolean;
  /** Everything that has a decision was reported. */
  readonly reported: boolean;
  readonly counts: Readonly<Counters>;
  /** For people. */
  readonly detail: string;
}

/**
 * The delivery that stands for a dead letter: no attempt of the broker's, so a failure is told and not tried again. The
 * message's property `type` is not stored. Of a type that was not known, only entries that name theirs are read: its body
 * may look like one of another type.
 */
export function replayDelivery(letter: DeadLetterRow): Delivery {
  const { topic, messageId, body, participant, bornTime, createTime, reason } = letter;
  const type = reason === 'UNKNOWN_TYPE' ? UNKNOWN_TYPE : '';
  const bornTimeMs = (bornTime ?? createTime).getTime();
  return { topic, messageId, body, participant, type, bornTimeMs, attempt: 0 };
}

/** Says what the replay came to. */
export function judgeReplay({ result, judgement, done }: Handled): Replayed {
  const counts = createCounters();
  countResult(counts, result);
  const left = judgement.deadLetter;
  const { applied, rejected, duplicates, belowFloor } = counts;
  const summary = `applied ${applied}, rejected ${rejected}, duplicates ${duplicates}, below the floor ${belowFloor}`;
  return {
    resolved: left === undefined && done,
    reported: done,
    counts,
    detail: left ? `${summary}; left over: ${left.reason}` : summary,
  };
}
