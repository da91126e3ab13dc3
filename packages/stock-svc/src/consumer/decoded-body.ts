import type { Transaction } from '../domain/transaction.js';
import type { BodyFault } from './body-fault.js';

/** What a message body holds: transactions that can be handled, and faults. One bad entry leaves its neighbours alone. */
export interface DecodedBody {
  readonly transactions: readonly Transaction[];
  readonly faults: readonly BodyFault[];
}
