import type { TestService } from '@txmsg/stack/testing';

/** A service process of the system, and where it listens. It can be killed, paused, stopped and started again. */
export interface ServiceProcess extends TestService {
  /** host:port of its public API (of the relay: its only one). */
  readonly address: string;
  /** host:port of its internal API. */
  readonly internalAddress: string;
}
