import type { Logger } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import type { StockConfig } from '../config.js';
import type { Counters } from '../counters.js';
import type { Gate } from './gate.js';

/** What the consumer is made from. */
export interface ConsumerOptions {
  readonly config: StockConfig;
  readonly database: Database;
  readonly gate: Gate;
  readonly reportOutage: (error: unknown) => void;
  readonly counters: Counters;
  readonly logger: Logger;
}
