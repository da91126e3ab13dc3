import type { Logger } from '@txmsg/core';
import type { StreamPool } from './request-streams.js';
import type { ServerLimits } from './server-limits.js';

/** What a guard watches. */
export interface GuardOptions {
  readonly limits: ServerLimits;
  /** Paths of the methods whose requests are streams, with the pool that their calls use. */
  readonly requestStreams: ReadonlyMap<string, StreamPool>;
  /** Paths of the methods whose responses are streams. */
  readonly responseStreams: ReadonlySet<string>;
  /** The path among them that watches the server's health. A watch is no work, so it doesn't keep a connection open. */
  readonly watchPath: string;
  readonly logger: Logger;
}
