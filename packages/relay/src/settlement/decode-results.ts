import { fromJsonString } from '@bufbuild/protobuf';
import { type ResultEnvelope, ResultEnvelopeSchema, type TxResult } from '@txmsg/contracts/message';
import type { ReceivedMessage } from '@txmsg/rocketmq';
import type { ResultBatch } from '../domain/group-results.js';

/** A message with outcomes, or one that can't be read, and why. */
export type DecodedResults =
  | { readonly batch: ResultBatch<ReceivedMessage, TxResult> }
  | { readonly message: ReceivedMessage; readonly fault: unknown };

/** Reads a ResultEnvelope in the protobuf JSON mapping; fields that are not known are ignored. Never throws. */
export function decodeResults(message: ReceivedMessage): DecodedResults {
  let envelope: ResultEnvelope;
  try {
    envelope = fromJsonString(ResultEnvelopeSchema, message.body.toString(), { ignoreUnknownFields: true });
  } catch (fault) {
    return { message, fault };
  }
  const { participant, txResults: results, deliveryLagMs } = envelope;
  if (participant === '') return { message, fault: new Error('no participant') };
  return {
    batch: {
      message,
      participant,
      results,
      deliveryLagMs: deliveryLagMs === undefined ? undefined : Number(deliveryLagMs),
    },
  };
}
