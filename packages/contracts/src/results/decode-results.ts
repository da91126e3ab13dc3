import { fromJson, fromJsonString, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import {
  Outcome,
  type ResultEnvelope,
  ResultEnvelopeSchema,
  TxResultSchema,
} from '../gen/txmsg/message/v1/message_pb.js';
import { isName } from '../tx-no.js';
import { isValidResult } from './is-valid-result.js';
import { hasMoreParts, MAX_PARTS, MAX_RESULTS } from './result-limits.js';
import { type Results, scanResults } from './scan-results.js';

/** Outcomes of one participant, those that break the contract left out. */
export interface DecodedResults extends Results {
  /** How many of the outcomes break the contract. */
  readonly invalid: number;
}

/** A body that holds no outcomes that can be read, and why. */
export interface UnreadableResults {
  readonly fault: unknown;
}

/** Characters of the lowest int64, which is the longest. */
const INT64_LENGTH = 20;
const MAPPING = { ignoreUnknownFields: true };

/**
 * Reads a ResultEnvelope in the protobuf JSON mapping; unknown fields are ignored. A body with more than 10,000
 * outcomes is a fault. Bounded by construction: it takes tens of milliseconds at most, whatever the body holds. Never
 * throws.
 */
export function decodeResults(body: Buffer): DecodedResults | UnreadableResults {
  const text = body.toString();
  try {
    const scanned = scanResults(text);
    const read = scanned ? { ...scanned, invalid: 0 } : readResults(text);
    return read.participant === '' ? { fault: new Error('no participant') } : read;
  } catch (fault) {
    return { fault };
  }
}

/** @throws Error when it isn't the protobuf JSON mapping of a ResultEnvelope, but for single results */
function readResults(text: string): DecodedResults {
  if (hasMoreParts(text, MAX_PARTS)) throw new Error(`more than ${MAX_PARTS} objects, lists and commas`);
  const envelope = JSON.parse(text) as JsonValue;
  const entries = entriesOf(envelope);
  if (entries && entries.length > MAX_RESULTS) throw new Error(`more than ${MAX_RESULTS} outcomes`);
  if (hasLongLag(envelope)) throw new Error(`a lag of more than ${INT64_LENGTH} characters`);
  const read = readWhole(text, envelope);
  const results = read.results.filter(isValidResult);
  return { ...read, results, invalid: read.invalid + read.results.length - results.length };
}

function readWhole(text: string, envelope: JsonValue): DecodedResults {
  try {
    return { ...pick(fromJsonString(ResultEnvelopeSchema, text, MAPPING)), invalid: 0 };
  } catch (fault) {
    const read = readEach(envelope);
    // When each result can be read by itself, the fault lies elsewhere.
    if (!read || read.invalid === 0) throw fault;
    return read;
  }
}

/** Reads each result by itself; undefined when there are none. */
function readEach(envelope: JsonValue): DecodedResults | undefined {
  const entries = entriesOf(envelope);
  if (!isObject(envelope) || !entries) return undefined;
  const { txResults: _, tx_results: __, ...others } = envelope;
  const results = entries.flatMap((entry) => {
    if (!mayBeValid(entry)) return [];
    try {
      return [fromJson(TxResultSchema, entry, MAPPING)];
    } catch {
      // Counted, and told with its message.
      return [];
    }
  });
  const read = pick(fromJson(ResultEnvelopeSchema, others, MAPPING));
  return { ...read, results, invalid: entries.length - results.length };
}

/** The outcomes under either of their names. */
function entriesOf(envelope: JsonValue): readonly JsonValue[] | undefined {
  if (!isObject(envelope)) return undefined;
  const entries = envelope.txResults ?? envelope.tx_results;
  return Array.isArray(entries) ? entries : undefined;
}

/**
 * Whether a result may be valid. The mapping tells it too, but ten thousand of its errors with their traces are
 * expensive.
 */
function mayBeValid(entry: JsonValue): entry is JsonObject {
  if (!isObject(entry)) return false;
  const { txNo, tx_no: alias, outcome, reason } = entry;
  if (txNo !== undefined && alias !== undefined) return false;
  return (
    isText(txNo ?? alias) &&
    (typeof outcome === 'string' || outcome === Outcome.APPLIED || outcome === Outcome.REJECTED) &&
    (reason === undefined || reason === null || isText(reason))
  );
}

/** A number of a million digits takes seconds to read. */
function hasLongLag(envelope: JsonValue): boolean {
  if (!isObject(envelope)) return false;
  const { deliveryLagMs, delivery_lag_ms: alias } = envelope;
  return [deliveryLagMs, alias].some((lag) => typeof lag === 'string' && lag.length > INT64_LENGTH);
}

function pick(envelope: ResultEnvelope): Results {
  const { participant, txResults, deliveryLagMs, consumer, type } = envelope;
  return {
    participant,
    results: txResults,
    deliveryLagMs: deliveryLagMs === undefined ? undefined : Number(deliveryLagMs),
    // A wrong name must not cost the outcomes.
    consumer: isName(consumer) ? consumer : '',
    type: isName(type) ? type : '',
  };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value.isWellFormed();
}
