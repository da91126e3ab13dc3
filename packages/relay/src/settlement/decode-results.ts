import { fromJsonString } from '@bufbuild/protobuf';
import { ResultEnvelopeSchema, type TxResult } from '@txmsg/contracts/message';
import type { ReceivedMessage } from '@txmsg/rocketmq';
import type { ResultBatch } from '../domain/group-results.js';
import { type ScannedResults, scanResults } from './scan-results.js';

/** A message with outcomes, or one that can't be read, and why. */
export type DecodedResults =
  | { readonly batch: ResultBatch<ReceivedMessage, TxResult> }
  | { readonly message: ReceivedMessage; readonly fault: unknown };

/** Reads a ResultEnvelope in the protobuf JSON mapping; fields that are not known are ignored. Never throws. */
export function decodeResults(message: ReceivedMessage): DecodedResults {
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

/** @throws Error when it isn't the protobuf JSON mapping of a ResultEnvelope */
function readResults(text: string): ScannedResults {
  const { participant, txResults, deliveryLagMs } = fromJsonString(ResultEnvelopeSchema, text, {
    ignoreUnknownFields: true,
  });
  return {
    participant,
    results: txResults,
    deliveryLagMs: deliveryLagMs === undefined ? undefined : Number(deliveryLagMs),
  };
}
