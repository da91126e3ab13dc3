import type { Logger } from '@txmsg/core';
import type { StreamPool } from './request-streams.js';
import type { ServerLimits } from './server-limits.js';

/** What a guard watches over. */
export interface GuardOptions {
  readonly limits: ServerLimits;
  /** Paths of the methods whose requests are streams, and what places they take. */
  readonly requestStreams: ReadonlyMap<string, StreamPool>;
  /** Paths of the methods whose responses are streams. */
  readonly responseStreams: ReadonlySet<string>;
  /** The one of them that watches the server's health: no work, so it keeps no connection open. */
  readonly watchPath: string;
  readonly logger: Logger;
}
