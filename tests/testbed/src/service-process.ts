import type { TestService } from '@txmsg/stack/testing';

/** A service process of the system, and where it listens. It can be killed, paused, stopped and started again. */
export interface ServiceProcess extends TestService {
  /** host:port of its public API (of the relay: its only one). */
  readonly address: string;
  /** host:port of its internal API; that of its public one when it has no other. */
  readonly internalAddress: string;
  /** host:port of each of its ports, by purpose. */
  readonly addresses: Readonly<Record<string, string>>;
}
