/** What the callers of one server may keep it busy with. Sizes in bytes, times in milliseconds. */
export interface ServerLimits {
  /** Connections. Beyond it one of the address with the most is closed, idle ones first. Default 1000. */
  readonly maxConnections: number;
  /**
   * Calls under way, streams included. Beyond it only connections with less than their share (this number divided by the
   * connections with calls) get new ones; beyond twice as many the connection with the most loses half of its own. Default 5000.
   */
  readonly maxCalls: number;
  /**
   * Calls under way on one connection; a client queues those beyond. Default 2000.
   */
  readonly maxCallsPerConnection: number;
  /**
   * Calls under way whose requests are streams. Beyond it one that has been idle for 30 s makes room, else one of the
   * connection with the most. A stream of full messages holds 5 MB of decoded ones, so all hold 160 MB. Default 32.
   */
  readonly maxRequestStreams: number;
  /** Calls of server reflection, likewise. Default 8. */
  readonly maxReflectionStreams: number;
  /** Memory of messages that have arrived in part, on one connection and on all. Defaults 16 MiB and 64 MiB. */
  readonly maxPartialBytesPerConnection: number;
  readonly maxPartialBytes: number;
  /** Responses that have not been read, on one connection and on all. Defaults 16 MiB and 64 MiB. */
  readonly maxUnreadBytesPerConnection: number;
  readonly maxUnreadBytes: number;
  /** Names and values of a call's headers; those that handlers see have 2 KiB at most. Default 16 KiB. */
  readonly maxHeaderBytes: number;
  /** For a request, and for each message of a stream once it has begun, to arrive completely. Default 10 s. */
  readonly messageTimeoutMs: number;
  /**
   * After which a call ends whose caller reads nothing of what waits for it. Default 20 s; 15 min for services of one's own: an
   * audit merges the exports of two services, and one waits while the other is behind.
   */
  readonly unreadTimeoutMs: number;
  /** After which a connection without calls is closed. Default 5 min. */
  readonly idleTimeoutMs: number;
}

const MIB = 1024 * 1024;

/** For callers that nobody knows. */
export const PUBLIC_LIMITS: ServerLimits = {
  maxConnections: 1_000,
  maxCalls: 5_000,
  maxCallsPerConnection: 2_000,
  maxRequestStreams: 32,
  maxReflectionStreams: 8,
  maxPartialBytesPerConnection: 16 * MIB,
  maxPartialBytes: 64 * MIB,
  maxUnreadBytesPerConnection: 16 * MIB,
  maxUnreadBytes: 64 * MIB,
  maxHeaderBytes: 16 * 1024,
  messageTimeoutMs: 10_000,
  unreadTimeoutMs: 20_000,
  idleTimeoutMs: 300_000,
};

/** For services of one's own, which are few and send bodies of some MiB. */
export const INTERNAL_LIMITS: ServerLimits = {
  ...PUBLIC_LIMITS,
  maxPartialBytesPerConnection: 96 * MIB,
  maxPartialBytes: 192 * MIB,
  maxUnreadBytesPerConnection: 96 * MIB,
  unreadTimeoutMs: 15 * 60_000,
  maxUnreadBytes: 192 * MIB,
};
