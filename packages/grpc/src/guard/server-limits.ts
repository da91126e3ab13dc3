/** What the callers of one server may keep busy. Sizes in bytes, times in milliseconds. */
export interface ServerLimits {
  /** Connections. Beyond this limit one of the address with the most is closed, idle ones first. Default 1000. */
  readonly maxConnections: number;
  /**
   * Calls in progress, streams included. Beyond this limit only connections below their share get new calls; the share
   * is this number divided by the number of connections with calls. Beyond twice the limit the connection with the most
   * calls loses half of them. Default 5000.
   */
  readonly maxCalls: number;
  /** Calls in progress on one connection. A client queues further calls. Default 2000. */
  readonly maxCallsPerConnection: number;
  /**
   * Calls in progress whose requests are streams. Beyond this limit a stream that has been idle for 30 s makes room,
   * otherwise one of the connection with the most. A stream of full messages holds 5 MB of decoded ones, so 32 streams
   * hold 160 MB. Default 32.
   */
  readonly maxRequestStreams: number;
  /** Calls of server reflection, by the same rule. Default 8. */
  readonly maxReflectionStreams: number;
  /** Memory of messages that have arrived in part, per connection and in all. Defaults 16 MiB and 64 MiB. */
  readonly maxPartialBytesPerConnection: number;
  readonly maxPartialBytes: number;
  /** Unread responses, per connection and in all. Defaults 16 MiB and 64 MiB. */
  readonly maxUnreadBytesPerConnection: number;
  readonly maxUnreadBytes: number;
  /** Names and values of a call's headers. Those that handlers see have at most 2 KiB. Default 16 KiB. */
  readonly maxHeaderBytes: number;
  /**
   * Time for a request to arrive completely, and for each message of a stream once its first byte is there. Default 10
   * s.
   */
  readonly messageTimeoutMs: number;
  /**
   * Time after which a call ends when its caller reads none of the bytes that wait for it. Default 20 s. For services
   * of one's own it is 15 min, because an audit merges the exports of two services and one waits while the other is
   * behind.
   */
  readonly unreadTimeoutMs: number;
  /** Time after which a connection without calls is closed. Default 5 min. */
  readonly idleTimeoutMs: number;
}

const MIB = 1024 * 1024;

/** For unknown callers. */
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
