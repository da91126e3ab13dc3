/** Groups written by plain mysql2 on one connection, one after the other. */
export interface PlainGroupsJob {
  readonly kind: 'plain-groups';
  readonly url: string;
  readonly groupSize: number;
  readonly durationMs: number;
}

/** Half messages sent and committed by the project's broker adapter. */
export interface HalfMessagesJob {
  readonly kind: 'half-messages';
  readonly endpoints: string;
  /** A TRANSACTION topic that nobody else uses. */
  readonly topic: string;
  /** Orders per message. */
  readonly groupSize: number;
  /** Messages in progress at a time. */
  readonly inFlight: number;
  readonly durationMs: number;
}

/** What was done, and how long it took. */
export interface LimitResult {
  readonly groups: number;
  readonly elapsedMs: number;
  readonly latenciesMs: Float64Array;
}

/** Jobs of the limits program and their results. */
export type LimitJobs = {
  readonly 'plain-groups': { readonly job: PlainGroupsJob; readonly result: LimitResult };
  readonly 'half-messages': { readonly job: HalfMessagesJob; readonly result: LimitResult };
};
