/**
 * What went wrong with a call to the broker.
 *
 * - `UNAVAILABLE` no connection, or the broker refuses work for now; the message was certainly not taken by this call.
 * - `TIMEOUT` no answer in time; the broker may or may not have done it.
 * - `INVALID` the request can never work: an unknown topic, a bad property, a NORMAL message on a TRANSACTION topic.
 * - `TOO_LARGE` body, or keys and properties, above the limit (see `limits.ts`).
 * - `OVERLOADED` this process has as many calls in flight and waiting as it allows.
 * - `CLOSED` the publisher or subscriber was closed, or the caller aborted.
 * - `UNKNOWN_OUTCOME` the call failed in a way that leaves open whether the broker did it.
 */
export type BrokerErrorCode =
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'INVALID'
  | 'TOO_LARGE'
  | 'OVERLOADED'
  | 'CLOSED'
  | 'UNKNOWN_OUTCOME';

/** The only error that this package throws for a broker's failure. Decide by `code`; `message` is for people. */
export class BrokerError extends Error {
  readonly code: BrokerErrorCode;

  constructor(code: BrokerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BrokerError';
    this.code = code;
  }
}
