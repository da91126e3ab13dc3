import { BrokerError, type BrokerErrorCode } from '@txmsg/rocketmq';
import { expect, it } from 'vitest';
import { toTxmsgError } from './broker-fault.js';

it.each<[BrokerErrorCode, boolean | undefined, string]>([
  ['TIMEOUT', undefined, 'DEADLINE_EXCEEDED'],
  ['UNKNOWN_OUTCOME', undefined, 'DEADLINE_EXCEEDED'],
  ['CLOSED', true, 'DEADLINE_EXCEEDED'],
  ['CLOSED', false, 'UNAVAILABLE'],
  ['UNAVAILABLE', undefined, 'UNAVAILABLE'],
  ['OVERLOADED', undefined, 'RESOURCE_EXHAUSTED'],
  ['TOO_LARGE', undefined, 'INVALID_ARGUMENT'],
])('%s, outcome unknown: %s, becomes %s', (code, outcomeUnknown, expected) => {
  const facts = outcomeUnknown === undefined ? {} : { outcomeUnknown };
  expect(toTxmsgError(new BrokerError(code, 'no', undefined, facts))).toMatchObject({ code: expected });
});

it('leaves other errors alone', () => {
  const error = new Error('other');
  expect(toTxmsgError(error)).toBe(error);
});
