import { fromJsonString } from '@bufbuild/protobuf';
import { ResultEnvelopeSchema, type TxResult } from '@txmsg/contracts/message';
import type { ReceivedMessage } from '@txmsg/rocketmq';
import type { ResultBatch } from '../domain/group-results.js';
import { type ScannedResults, scanResults } from './scan-results.js';

/** A message with outcomes, or one that can't be read, and why. */
export type DecodedResults =
  | { readonly batch: ResultBatch<ReceivedMessage, TxResult> }
  | { readonly message: ReceivedMessage; readonly fault: unknown };

/** Objects and lists in one body: five times as many as our consumers put into one. */
const MAX_NODES = 10_000;

/**
 * Reads a ResultEnvelope in the protobuf JSON mapping; fields that are not known are ignored. A body that could not be opened
 * is a fault, and so is one in another form than our consumers' with more than 10,000 objects and lists. Never throws.
 */
export function decodeResults(message: ReceivedMessage): DecodedResults {
  if (message.unreadable) {
    const { code, detail } = message.unreadable;
    return { message, fault: new Error(`${code}: ${detail}`) };
  }
  const text = message.body.toString();
  let envelope: ScannedResults;
  try {
    envelope = scanResults(text) ?? readResults(text);
  } catch (fault) {
    return { message, fault };
  }
  if (envelope.participant === '') return { message, fault: new Error('no participant') };
  return { batch: { message, ...envelope } };
}

/** @throws Error when it isn't the protobuf JSON mapping of a ResultEnvelope, or too much of it */
function readResults(text: string): ScannedResults {
  if (hasTooManyNodes(text)) throw new Error(`more than ${MAX_NODES} objects and lists`);
  const { participant, txResults, deliveryLagMs } = fromJsonString(ResultEnvelopeSchema, text, {
    ignoreUnknownFields: true,
  });
  return {
    participant,
    results: txResults,
    deliveryLagMs: deliveryLagMs === undefined ? undefined : Number(deliveryLagMs),
  };
}

/** Counted before any comes into being; those within texts count too, as no text of a result needs them. */
function hasTooManyNodes(text: string): boolean {
  let nodes = 0;
  for (const opening of ['{', '[']) {
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
      nodes += 1;
      if (nodes > MAX_NODES) return true;
    }
  }
  return false;
}
