import type { TransactionConsumer, TransactionLedger, TransactionParticipant } from '@txmsg/contracts';
import type { ClientPool } from '@txmsg/grpc';

/** Clients of one participant's replicas. */
export type ParticipantPool = ClientPool<typeof TransactionParticipant>;

/** Clients of one consumer's replicas. */
export type ConsumerPool = ClientPool<typeof TransactionConsumer>;

/** Clients of the books of one participant or consumer. */
export type LedgerPool = ClientPool<typeof TransactionLedger>;
