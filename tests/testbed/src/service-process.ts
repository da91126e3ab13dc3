import type { TestService } from '@txmsg/stack/testing';

/** A service process of the system, and where it listens. It can be killed, paused, stopped and started again. */
export interface ServiceProcess extends TestService {
  /** host:port of its public API. A relay has only this one. */
  readonly address: string;
  /** host:port of its internal API, or of its public one when there is no other. */
  readonly internalAddress: string;
  /** host:port of each of its ports, by purpose. */
  readonly addresses: Readonly<Record<string, string>>;
}
