import type { TransactionConsumer } from '@txmsg/contracts';
import type { ServiceHandlers } from '@txmsg/grpc';
import type { Counters } from '../consume/counters.js';

/** What the RPC about this instance works with. */
export interface StatusParts {
  readonly counters: Counters;
  readonly isReceiving: () => boolean;
}

/** The handler about this instance; the counters' names are told in snake_case. */
export function createStatusHandler({
  counters,
  isReceiving,
}: StatusParts): Pick<ServiceHandlers<typeof TransactionConsumer>, 'getStatus'> {
  return {
    getStatus: () => ({
      receiving: isReceiving(),
      counters: Object.fromEntries(
        Object.entries(counters).map(([name, count]) => [snakeCase(name), BigInt(count)]),
      ),
    }),
  };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
