/** N callers, each with one SubmitOrder in progress at a time. */
export interface UnaryJob {
  readonly kind: 'unary';
  /** Servers, host:port. The callers are distributed over them in turn. */
  readonly addresses: readonly string[];
  readonly callers: number;
  readonly durationMs: number;
  /** Orders name random products from 1 to this. */
  readonly products: number;
}

/** Streams of SubmitOrders, each with a window of unanswered orders. */
export interface BulkJob {
  readonly kind: 'bulk';
  readonly addresses: readonly string[];
  readonly streams: number;
  /** The most orders in progress per stream. */
  readonly window: number;
  readonly ordersAMessage: number;
  readonly durationMs: number;
  readonly products: number;
  /** Stops sending after this many orders, if the time isn't over first. */
  readonly maxOrders?: number;
}

/** Orders one at a time with pauses. Each is followed until its stock is taken and until it is settled. */
export interface LatencyJob {
  readonly kind: 'latency';
  readonly address: string;
  /** A server whose SubmitOrder does nothing. Without it no empty call is made. */
  readonly emptyAddress?: string;
  readonly orderDbUrl: string;
  readonly stockDbUrl: string;
  /** A database with the order service's tables, for the plain local transaction. Without it there is none. */
  readonly plainDbUrl?: string;
  readonly orders: number;
}

/** What one load did. */
export interface LoadResult {
  readonly answered: number;
  readonly failed: number;
  /** The first failure, for people. */
  readonly firstError?: string;
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
  /** Times of the answered requests, in milliseconds. */
  readonly latenciesMs: Float64Array;
}

/** The times of orders that were placed one at a time, in milliseconds. Every list has the same order. */
export interface LatencyResult {
  readonly submitMs: Float64Array;
  /** From the call of SubmitOrder until the stock database shows the transaction. */
  readonly stockTakenMs: Float64Array;
  /** From the call of SubmitOrder until the order database shows the outcome. */
  readonly settledMs: Float64Array;
  /** The same rows, written by plain mysql2 in one transaction. */
  readonly plainTransactionMs: Float64Array;
  /** A call of the empty method. */
  readonly emptyMs: Float64Array;
}

/** Jobs of the load program and their results. */
export type LoadJobs = {
  readonly unary: { readonly job: UnaryJob; readonly result: LoadResult };
  readonly bulk: { readonly job: BulkJob; readonly result: LoadResult };
  readonly latency: { readonly job: LatencyJob; readonly result: LatencyResult };
};
