import { FailpointError, TxmsgError } from '@txmsg/core';
import { describe, expect, it } from 'vitest';
import { type FailureKind, failureKind } from './failure-kind.js';

const server = (errno: number) => Object.assign(new Error('refused'), { errno });

describe('failureKind', () => {
  it.each<[string, unknown, FailureKind]>([
    ['too long for its column', server(1406), 'own'],
    ['the same, wrapped', new Error('query', { cause: server(1406) }), 'own'],
    ['a mistake of our code', new TypeError('x of undefined'), 'own'],
    ['a rule of ours', new TxmsgError('INVALID_ARGUMENT', 'no'), 'own'],
    ['a failpoint', new FailpointError('inbox.before-commit'), 'own'],
    ['a duplicate key', server(1062), 'contention'],
    ['a deadlock', server(1213), 'contention'],
    ['a refused connection', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'outage'],
    ['a lost connection without a code', Object.assign(new Error('closed'), { fatal: true }), 'outage'],
    ['a missing table', server(1146), 'system'],
    ['an error that says nothing of its origin', new Error('Pool is closed.'), 'system'],
    ['a mistake inside the driver', new Error('query', { cause: new TypeError('x') }), 'system'],
  ])('%s', (_, error, kind) => {
    expect(failureKind(error)).toBe(kind);
  });
});
