import { BrokerError } from '@txmsg/rocketmq';
import { TxmsgError } from '@txmsg/service';

const RETRY_DELAY_MS = 1_000;

/** What a participant is told of a broker's failure. Anything that isn't a BrokerError comes back as it is. */
export function toTxmsgError(error: unknown): unknown {
  if (!(error instanceof BrokerError)) return error;
  switch (error.code) {
    case 'INVALID':
    case 'TOO_LARGE':
      return new TxmsgError('INVALID_ARGUMENT', error.message, { cause: error });
    case 'OVERLOADED':
      return new TxmsgError('RESOURCE_EXHAUSTED', 'too many calls to the broker', {
        cause: error,
        retryDelayMs: RETRY_DELAY_MS,
      });
    default:
      return new TxmsgError('UNAVAILABLE', 'the broker does not answer', {
        cause: error,
        retryDelayMs: RETRY_DELAY_MS,
        info: { reason: 'BROKER_UNAVAILABLE', metadata: { code: error.code } },
      });
  }
}
