import { status } from '@grpc/grpc-js';
import { TxmsgError } from '@txmsg/core';
import { expect, it } from 'vitest';
import { statusOf } from './call-error.js';

it.each([
  [Object.assign(new Error('no'), { code: status.UNAVAILABLE }), status.UNAVAILABLE],
  [new TxmsgError('UNAVAILABLE', 'no'), undefined],
  [Object.assign(new Error('no'), { code: 'ECONNRESET' }), undefined],
  [new Error('no'), undefined],
  [{ code: 14 }, undefined],
  [undefined, undefined],
])('tells the status of %s', (error, expected) => {
  expect(statusOf(error)).toBe(expected);
});
