import type { LimitJobs } from './limits/jobs.js';
import type { EmptyServer } from './limits/start-empty-server.js';
import type { JobProcess } from './load/job-process.js';
import type { LoadJobs } from './load/jobs.js';
import type { Plan } from './plan.js';
import type { OtherLoad } from './proc/machine-load.js';
import type { RoundResults } from './stats/round-results.js';
import type { BenchStack, BenchSystem } from './system/bench-stack.js';

/** What the sections of a run share. */
export interface BenchRun {
  readonly plan: Plan;
  readonly stack: BenchStack;
  /** The system of most rows: one of each service. */
  readonly main: BenchSystem;
  /** The gRPC load generator. */
  readonly load: JobProcess<LoadJobs>;
  readonly limits: JobProcess<LimitJobs>;
  readonly empty: EmptyServer;
  readonly results: RoundResults;
  /** Cores that other processes used, by what was measured meanwhile. */
  readonly disturbances: Map<string, OtherLoad>;
  /** What the reader must know about the figures. */
  readonly notes: string[];
  /** Shows progress. */
  readonly say: (line: string) => void;
  /** Aborted when the run must end. */
  readonly signal: AbortSignal;
}
