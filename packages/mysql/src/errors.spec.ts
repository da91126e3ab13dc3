import { describe, expect, it } from 'vitest';
import {
  CommitInDoubtError,
  isDuplicateKey,
  isNotWritable,
  isOutage,
  isRetryable,
  isSaturated,
  mysqlErrorNumber,
  PoolExhaustedError,
} from './errors.js';

const failed = (facts: object) => Object.assign(new Error('failed'), facts);

describe('an outage', () => {
  it.each([1030, 1040, 1047, 1053, 1105, 1114, 1180, 1226, 1317, 1927, 1969, 3024, 3100, 3101])(
    'is what the server calls %i',
    (errno) => {
      expect(isOutage(new Error('wrapped', { cause: failed({ errno }) }))).toBe(true);
    },
  );

  it.each([2003, 2006, 2013, 9001, 9501])('is what a proxy answers with %i', (errno) => {
    expect(isOutage(failed({ errno }))).toBe(true);
  });

  it.each([1036, 1290, 1792, 1836, 1874, 1881])('is a server that takes no writes: %i', (errno) => {
    const error = new Error('wrapped', { cause: failed({ errno }) });
    expect([isNotWritable(error), isOutage(error)]).toEqual([true, true]);
  });

  it('is an error that ended the connection', () => {
    expect(isOutage(new Error('wrapped', { cause: failed({ fatal: true }) }))).toBe(true);
    expect(isOutage(failed({ code: 'ECONNREFUSED', errno: -111 }))).toBe(true);
  });

  it.each([1062, 1064, 1205, 1213, 1406])('is not %i', (errno) => {
    expect(isOutage(failed({ errno }))).toBe(false);
  });

  it.each(['ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'PROTOCOL_CONNECTION_LOST'])('is %s', (code) => {
    expect(isOutage(failed({ code }))).toBe(true);
  });

  it.each(['ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE', 'ERR_STRING_TOO_LONG', 'ERR_ASSERTION'])(
    'is not an internal error of Node: %s',
    (code) => {
      expect(isOutage(new Error('wrapped', { cause: failed({ code }) }))).toBe(false);
    },
  );

  it('is not a pool in full use, wrapped or not', () => {
    const error = new PoolExhaustedError('in use');
    for (const told of [error, new Error('wrapped', { cause: error })])
      expect([isSaturated(told), isOutage(told)]).toEqual([true, false]);
  });
});

describe('a COMMIT in doubt', () => {
  it.each([1062, 1205, 1213, 1290])('is decided by no number: %i', (errno) => {
    const doubt = new Error('wrapped', { cause: new CommitInDoubtError(failed({ errno })) });
    expect(mysqlErrorNumber(doubt)).toBeUndefined();
    expect([isDuplicateKey(doubt), isRetryable(doubt), isOutage(doubt)]).toEqual([false, false, true]);
    expect(isNotWritable(doubt)).toBe(errno === 1290);
  });
});
