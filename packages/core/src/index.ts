export { type Backoff, backoffDelayMs, sleep } from './backoff.js';
export { type Bell, createBell } from './bell.js';
export { chunks } from './chunks.js';
export { type ErrorCode, type ErrorDetails, type FieldViolation, TxmsgError } from './error.js';
export { armFailpoints, type Failpoint, FailpointError, failpoint } from './failpoint.js';
export type { Logger } from './logger.js';
export {
  bareHost,
  isAddress,
  isHost,
  isIPv6Address,
  isNamedTarget,
  isTarget,
  joinHostPort,
} from './net/address.js';
export { createQuietLog, createQuietTimes, type QuietLog } from './quiet-log.js';
export { createTurns } from './turns.js';
export { uuidV7 } from './uuid-v7.js';
export { createWaiters, type Waiters } from './waiters.js';
