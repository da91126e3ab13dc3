import { TransactionParticipant } from '@txmsg/contracts';
import { type ClientPool, createClientPool } from '@txmsg/grpc';

/** Clients of one participant's replicas. */
export type ParticipantPool = ClientPool<typeof TransactionParticipant>;

/** Makes a pool of clients for each participant; the caller closes them. */
export function createParticipants(
  addresses: ReadonlyMap<string, readonly string[]>,
  timeoutMs: number,
): ReadonlyMap<string, ParticipantPool> {
  const pool = (replicas: readonly string[]) =>
    createClientPool(TransactionParticipant, replicas, { timeoutMs });
  return new Map([...addresses].map(([name, replicas]) => [name, pool(replicas)]));
}
