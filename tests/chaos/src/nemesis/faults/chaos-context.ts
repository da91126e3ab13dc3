import type { System } from '@txmsg/testbed';
import type { HistoryEvent } from '../../history/history-event.js';
import type { SeenMessages } from '../../observe/observe-messages.js';
import type { VerdictSampler } from '../../observe/sample-verdicts.js';
import type { SeededRandom } from '../../random/seeded-random.js';
import type { StrangerMaker } from '../../strangers/stranger-message.js';
import type { Topology } from '../fault-kinds.js';
import type { ManagedProcess } from './managed-process.js';

/** What faults act on. */
export interface ChaosContext {
  readonly system: System;
  readonly topology: Topology;
  /** By name. */
  readonly processes: ReadonlyMap<string, ManagedProcess>;
  /** The consumer group that receives the messages for the history. */
  readonly observerGroup: string;
  readonly seen: SeenMessages;
  readonly sampler: VerdictSampler;
  readonly random: SeededRandom;
  readonly strangers: StrangerMaker;
  readonly write: (event: HistoryEvent) => void;
  /** Submits this many orders at once. */
  readonly burst: (orders: number) => Promise<void>;
  /** The age at which a check fences a transaction, in milliseconds. */
  readonly fenceMs: number;
}

/** A fault in progress: how to undo it, and afterwards what it has done. */
export interface InjectedFault {
  readonly undo: () => Promise<void>;
  /** For people; read after undoing. */
  readonly detail?: () => string;
}
