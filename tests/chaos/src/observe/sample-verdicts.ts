import { setTimeout as sleep } from 'node:timers/promises';
import type { TransactionParticipant } from '@txmsg/contracts';
import { TransactionVerdict } from '@txmsg/contracts/participant';
import type { GrpcClient } from '@txmsg/grpc';
import { v7 as uuidv7 } from 'uuid';
import type { HistoryEvent, VerdictEvent } from '../history/history-event.js';
import type { SeededRandom } from '../random/seeded-random.js';
import { readFailure } from '../workload/grpc-failure.js';

/** A transaction_id to ask for, and the create time of its message. */
export interface SampledTransaction {
  readonly transactionId: string;
  readonly stampMs: number;
}

/** Asks for verdicts repeatedly, at every replica. */
export interface VerdictSampler {
  /** Asks one replica. Writes the answer down, and returns it unless the call failed. */
  ask(transaction: SampledTransaction, replica: number): Promise<VerdictEvent['verdict']>;
  /** Adds a transaction to those that are asked for until the end. */
  remember(transaction: SampledTransaction): void;
  /** Looks for new transactions, and asks for new and old ones until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Asks every replica for every remembered transaction. */
  askAll(): Promise<void>;
}

/** What a sampler works with. */
export interface VerdictSamplerOptions {
  /** One per replica. */
  readonly participants: readonly GrpcClient<typeof TransactionParticipant>[];
  /**
   * The newest group markers, including those of uncommitted local transactions. Rejects while the database is down.
   */
  readonly newest: (limit: number) => Promise<readonly SampledTransaction[]>;
  readonly random: SeededRandom;
  readonly write: (event: HistoryEvent) => void;
}

const REMEMBERED = 1_500;
const ROUND_MS = 250;
const NEWEST = 20;
const NEW_A_ROUND = 2;
const OLD_A_ROUND = 2;
/** The share of rounds that ask for an id without a local transaction. It must be fenced and stay so. */
const NEVER_USED_SHARE = 0.05;
const TIMEOUT_MS = 3_000;
const ASKED_AT_ONCE = 16;

/** Makes a sampler. */
export function createVerdictSampler(options: VerdictSamplerOptions): VerdictSampler {
  const { participants, random, write } = options;
  const remembered = new Map<string, SampledTransaction>();
  const replicas = [...participants.keys()];

  async function ask({ transactionId, stampMs }: SampledTransaction, replica: number) {
    const participant = participants[replica] as GrpcClient<typeof TransactionParticipant>;
    const startMs = Date.now();
    const about = { type: 'verdict', replica, transactionId, stampMs } as const;
    const createTime = { seconds: BigInt(Math.floor(stampMs / 1_000)), nanos: (stampMs % 1_000) * 1e6 };
    try {
      const { verdict } = await participant.checkTransaction(
        { transactionId, createTime },
        { timeoutMs: TIMEOUT_MS },
      );
      const name = TransactionVerdict[verdict] as NonNullable<VerdictEvent['verdict']>;
      write({ ...about, startMs, endMs: Date.now(), code: 'OK', verdict: name });
      return name;
    } catch (error) {
      write({ ...about, startMs, endMs: Date.now(), code: readFailure(error).code });
      return undefined;
    }
  }
  function remember(transaction: SampledTransaction): void {
    if (remembered.size < REMEMBERED) remembered.set(transaction.transactionId, transaction);
  }
  async function chooseNew(): Promise<readonly SampledTransaction[]> {
    const neverUsed = { transactionId: uuidv7(), stampMs: Date.now() };
    if (random.chance(NEVER_USED_SHARE)) return [neverUsed];
    const newest = await options.newest(NEWEST).catch(() => []);
    return random
      .shuffle(newest.filter(({ transactionId }) => !remembered.has(transactionId)))
      .slice(0, NEW_A_ROUND);
  }
  async function round(): Promise<void> {
    const fresh = await chooseNew();
    for (const transaction of fresh) remember(transaction);
    const known = [...remembered.values()];
    const old = known.length === 0 ? [] : Array.from({ length: OLD_A_ROUND }, () => random.pick(known));
    await Promise.all(
      [...fresh, ...old].flatMap((transaction) => replicas.map((replica) => ask(transaction, replica))),
    );
  }
  return {
    ask,
    remember,
    async run(signal) {
      while (!signal.aborted) {
        await round();
        await sleep(ROUND_MS, undefined, { signal }).catch(() => {});
      }
    },
    async askAll() {
      const known = [...remembered.values()];
      for (let start = 0; start < known.length; start += ASKED_AT_ONCE) {
        const some = known.slice(start, start + ASKED_AT_ONCE);
        await Promise.all(some.flatMap((one) => replicas.map((replica) => ask(one, replica))));
      }
    },
  };
}
