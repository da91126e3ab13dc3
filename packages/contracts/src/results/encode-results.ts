/** What a consumer decided of one transaction. */
export interface ConsumerOutcome {
  readonly outcome: 'APPLIED' | 'REJECTED';
  /** Upper-case code; empty when it was applied. */
  readonly reason: string;
}

/** Outcomes of one participant's transactions, all of one message type. */
export interface Outcomes {
  readonly participant: string;
  /** Outcomes by txNo; committed. */
  readonly outcomes: ReadonlyMap<string, ConsumerOutcome>;
  /** The delivery lag in milliseconds: the shortest time from a message's birth to its outcome, of first deliveries. */
  readonly deliveryLagMs?: number;
  /** The consumer's name; blank or missing when it names itself to nobody. */
  readonly consumer?: string;
  /** The message type; blank or missing when it isn't known. */
  readonly type?: string;
}

/** A result is at most about 400 bytes, so a body stays below 1 MiB. */
const RESULTS_PER_MESSAGE = 2_000;

/**
 * The bodies of the result messages for these outcomes: ResultEnvelope in the protobuf JSON mapping. It is written out
 * because each order passes it; a test compares it with the mapping.
 */
export function encodeResults({ participant, outcomes, deliveryLagMs, consumer, type }: Outcomes): Buffer[] {
  const results = [...outcomes].map(([txNo, { outcome, reason }]) =>
    reason === '' ? { txNo, outcome } : { txNo, outcome, reason },
  );
  const rest = {
    ...(deliveryLagMs === undefined ? {} : { deliveryLagMs: String(Math.round(deliveryLagMs)) }),
    ...(consumer ? { consumer } : {}),
    ...(type ? { type } : {}),
  };
  const bodies: Buffer[] = [];
  for (let start = 0; start < results.length; start += RESULTS_PER_MESSAGE) {
    const txResults = results.slice(start, start + RESULTS_PER_MESSAGE);
    bodies.push(Buffer.from(JSON.stringify({ participant, txResults, ...rest })));
  }
  return bodies;
}
