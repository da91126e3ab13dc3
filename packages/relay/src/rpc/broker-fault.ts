import { TxmsgError } from '@txmsg/core';
import { BrokerError } from '@txmsg/rocketmq';

const RETRY_DELAY_MS = 1_000;

/**
 * What a participant is told about a broker's failure: DEADLINE_EXCEEDED when the broker may have done it all the same;
 * UNAVAILABLE, RESOURCE_EXHAUSTED or INVALID_ARGUMENT when it certainly has not. Any other error is returned as it is.
 */
export function toTxmsgError(error: unknown): unknown {
  if (!(error instanceof BrokerError)) return error;
  switch (error.code) {
    case 'INVALID':
    case 'FOREIGN_PROXY':
    case 'TOO_LARGE':
      return new TxmsgError('INVALID_ARGUMENT', error.message, { cause: error });
    case 'OVERLOADED':
      return new TxmsgError('RESOURCE_EXHAUSTED', 'too many calls to the broker', {
        cause: error,
        retryDelayMs: RETRY_DELAY_MS,
      });
    default:
      if (error.outcomeUnknown) {
        return new TxmsgError('DEADLINE_EXCEEDED', 'the broker has not said whether it did this', {
          cause: error,
          info: { reason: 'BROKER_OUTCOME_UNKNOWN', metadata: { code: error.code } },
        });
      }
      return new TxmsgError('UNAVAILABLE', 'the broker does not answer', {
        cause: error,
        retryDelayMs: RETRY_DELAY_MS,
        info: { reason: 'BROKER_UNAVAILABLE', metadata: { code: error.code } },
      });
  }
}
