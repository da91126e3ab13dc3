import type { Verdict } from '../domain/transaction.js';

/** Outcomes of one participant's transactions. */
export interface Outcomes {
  readonly participant: string;
  /** Verdicts by txNo; committed. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** How long it took at most from the birth of a message to its outcome, in milliseconds; only first deliveries tell. */
  readonly deliveryLagMs?: number;
}

/** A result is at most about 400 bytes, so a body stays below 1 MiB. */
const RESULTS_A_MESSAGE = 2_000;

/**
 * The bodies of the result messages for these outcomes: ResultEnvelope in the protobuf JSON mapping, written out here
 * since each order passes it (a test compares it with the mapping).
 */
export function resultBodies({ participant, verdicts, deliveryLagMs }: Outcomes): Buffer[] {
  const results = [...verdicts].map(([txNo, { outcome, reason }]) =>
    reason === '' ? { txNo, outcome } : { txNo, outcome, reason },
  );
  const lag = deliveryLagMs === undefined ? {} : { deliveryLagMs: String(Math.round(deliveryLagMs)) };
  const bodies: Buffer[] = [];
  for (let start = 0; start < results.length; start += RESULTS_A_MESSAGE) {
    const txResults = results.slice(start, start + RESULTS_A_MESSAGE);
    bodies.push(Buffer.from(JSON.stringify({ participant, txResults, ...lag })));
  }
  return bodies;
}
