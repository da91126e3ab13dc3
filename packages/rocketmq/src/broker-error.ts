/**
 * What went wrong with a call to the broker.
 *
 * - `UNAVAILABLE` there is no connection (nothing was sent), or the broker answered that it refuses work for now: not
 *   done.
 * - `TIMEOUT` no answer in time; the broker may or may not have done it.
 * - `INVALID` the request can never work: an unknown topic, a bad property, a NORMAL message on a TRANSACTION topic.
 * - `FOREIGN_PROXY` a proxy that isn't ours took the half message: nothing was sent there.
 * - `TOO_LARGE` body, or keys and properties, above the limit (see `limits.ts`).
 * - `OVERLOADED` this process has as many calls in flight and waiting as it allows, or the call waited too long for its
 *   turn: not sent.
 * - `CLOSED` the publisher or subscriber was closed, or the caller aborted; `outcomeUnknown` says whether that was
 *   after sending.
 * - `UNKNOWN_OUTCOME` it was sent, and then the connection was lost or the broker failed: done or not.
 */
export type BrokerErrorCode =
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'INVALID'
  | 'FOREIGN_PROXY'
  | 'TOO_LARGE'
  | 'OVERLOADED'
  | 'CLOSED'
  | 'UNKNOWN_OUTCOME';

/** What else is known about a failure. */
export interface BrokerErrorFacts {
  /** Default: by the code, true for `TIMEOUT` and `UNKNOWN_OUTCOME`. */
  readonly outcomeUnknown?: boolean;
  /** The code in the broker's answer, if it gave one. */
  readonly brokerCode?: number;
}

/** The only error that this package throws for a broker's failure. Decide by its fields; `message` is for people. */
export class BrokerError extends Error {
  readonly code: BrokerErrorCode;
  /** The broker may have done it all the same. False is certain: it was not sent, or the broker has refused it. */
  readonly outcomeUnknown: boolean;
  readonly brokerCode: number | undefined;

  constructor(code: BrokerErrorCode, message: string, cause?: unknown, facts: BrokerErrorFacts = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BrokerError';
    this.code = code;
    this.outcomeUnknown = facts.outcomeUnknown ?? (code === 'TIMEOUT' || code === 'UNKNOWN_OUTCOME');
    this.brokerCode = facts.brokerCode;
  }
}
