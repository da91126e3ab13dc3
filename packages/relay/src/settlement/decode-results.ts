import { fromJson, fromJsonString, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import {
  type ResultEnvelope,
  ResultEnvelopeSchema,
  type TxResult,
  TxResultSchema,
} from '@txmsg/contracts/message';
import type { ReceivedMessage } from '@txmsg/rocketmq';
import type { ResultBatch } from '../domain/group-results.js';
import { isValidResult } from './is-valid-result.js';
import { type ScannedResults, scanResults } from './scan-results.js';

/** A message with outcomes, those that break the contract left out, or one that can't be read, and why. */
export type DecodedResults =
  | {
      readonly batch: ResultBatch<ReceivedMessage, TxResult>;
      /** How many of its outcomes break the contract. */
      readonly invalid: number;
    }
  | { readonly message: ReceivedMessage; readonly fault: unknown };

type ReadResults = ScannedResults & { readonly invalid: number };

/** Objects and lists in one body: five times as many as our consumers put into one. */
const MAX_NODES = 10_000;
const MAPPING = { ignoreUnknownFields: true };

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
  let read: ReadResults;
  try {
    const scanned = scanResults(text);
    read = scanned ? { ...scanned, invalid: 0 } : readResults(text);
  } catch (fault) {
    return { message, fault };
  }
  const { invalid, ...envelope } = read;
  if (envelope.participant === '') return { message, fault: new Error('no participant') };
  return { batch: { message, ...envelope }, invalid };
}

/** @throws Error when it isn't the protobuf JSON mapping of a ResultEnvelope, but for single results */
function readResults(text: string): ReadResults {
  if (hasTooManyNodes(text)) throw new Error(`more than ${MAX_NODES} objects and lists`);
  const read = readWhole(text);
  const results = read.results.filter(isValidResult);
  return { ...read, results, invalid: read.invalid + read.results.length - results.length };
}

function readWhole(text: string): ReadResults {
  try {
    return { ...pick(fromJsonString(ResultEnvelopeSchema, text, MAPPING)), invalid: 0 };
  } catch (fault) {
    const read = readEach(JSON.parse(text) as JsonValue);
    // When each result can be read by itself the fault lies elsewhere.
    if (!read || read.invalid === 0) throw fault;
    return read;
  }
}

/** Reads each result by itself; undefined when there are none. */
function readEach(envelope: JsonValue): ReadResults | undefined {
  if (!isObject(envelope)) return undefined;
  const { txResults, tx_results: alias, ...others } = envelope;
  const entries = txResults ?? alias;
  if (!Array.isArray(entries)) return undefined;
  const results = entries.flatMap((entry) => {
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

function pick(envelope: ResultEnvelope): ScannedResults {
  const { participant, txResults, deliveryLagMs } = envelope;
  return {
    participant,
    results: txResults,
    deliveryLagMs: deliveryLagMs === undefined ? undefined : Number(deliveryLagMs),
  };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
