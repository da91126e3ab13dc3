import type { BrokerAddress } from '@txmsg/stack/testing';

/** Starts a checkout's services in databases, topics and groups of their own. */
export interface StartJob {
  readonly kind: 'start';
  /** Root folder of an installed and built checkout. */
  readonly dir: string;
  /** host:port of the database server. */
  readonly databaseAddress: string;
  readonly broker: BrokerAddress;
  readonly env: Readonly<Record<string, string>>;
  /** Stock of product 1. */
  readonly pieces: bigint;
}

/** Where the services are. */
export interface Started {
  /** host:port of each order-svc. */
  readonly addresses: readonly string[];
  /** Pids by the name under which their CPU is shown. */
  readonly pids: Readonly<Record<'order-svc' | 'relay' | 'stock-svc', readonly number[]>>;
  /** Names of the databases. */
  readonly orderDb: string;
  readonly stockDb: string;
}

/** Jobs of the host program. */
export type HostJobs = {
  readonly start: { readonly job: StartJob; readonly result: Started };
  readonly stop: { readonly job: { readonly kind: 'stop' }; readonly result: object };
};
