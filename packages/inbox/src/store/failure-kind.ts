import { FailpointError, TxmsgError } from '@txmsg/core';
import {
  isDuplicateKey,
  isLockWait,
  isOutage,
  isRetryable,
  isSaturated,
  mysqlErrorNumber,
} from '@txmsg/mysql';

/**
 * Error numbers that speak of the data of a statement: too long, out of range, wrong for the column or its character
 * set, against a constraint or trigger, or too large for a packet. On MySQL and MariaDB.
 */
const DATA_ERRORS = new Set([
  1048, 1153, 1264, 1265, 1292, 1300, 1364, 1365, 1366, 1367, 1406, 1411, 1427, 1441, 1644, 1690, 3819, 3988,
  4025,
]);

/** What our code throws, on purpose or by a mistake, when it meets these data. The driver's errors come wrapped. */
const OWN_CLASSES = [TxmsgError, FailpointError, TypeError, RangeError];

/**
 * Why a group's transaction failed.
 *
 * - `contention` others were in the way, or all connections were in use: run it again.
 * - `outage` the database is away.
 * - `own` the transactions' own fault, so that they would fail for ever.
 * - `system` anything else, such as a missing table: no message is at fault.
 */
export type FailureKind = 'contention' | 'outage' | 'own' | 'system';

/** Sorts a failure by its error number, and one without a number by its class. */
export function failureKind(error: unknown): FailureKind {
  if (isDuplicateKey(error) || isRetryable(error) || isSaturated(error)) return 'contention';
  if (isOutage(error)) return 'outage';
  const number = mysqlErrorNumber(error);
  if (number !== undefined) return DATA_ERRORS.has(number) ? 'own' : 'system';
  return OWN_CLASSES.some((ownClass) => error instanceof ownClass) ? 'own' : 'system';
}

/** The database is away, or a lock keeps a statement waiting that may be one of the whole server: worth a ping. */
export function mayBeOutage(error: unknown): boolean {
  return failureKind(error) === 'outage' || isLockWait(error);
}

/** Others were in the way, such as one who has just recorded the same transaction: run it again, and it is found. */
export function isContention(error: unknown): boolean {
  return failureKind(error) === 'contention';
}
