import { createRefusal } from './refuse-stream.js';

const RETRY_MS = 1_000;

/** The answers to calls that exceed a limit. */
export const CALL_REFUSALS = {
  headers: createRefusal('RESOURCE_EXHAUSTED', 'the headers are too large, or too many'),
  calls: createRefusal('RESOURCE_EXHAUSTED', 'too many calls are in progress', RETRY_MS),
  unread: createRefusal('RESOURCE_EXHAUSTED', 'responses of this connection have not been read', RETRY_MS),
  streams: createRefusal('RESOURCE_EXHAUSTED', 'too many streams are open', RETRY_MS),
  place: createRefusal('UNAVAILABLE', 'another connection needs the place of the stream', RETRY_MS),
  partial: createRefusal('RESOURCE_EXHAUSTED', 'too many messages have arrived in part', RETRY_MS),
  late: createRefusal('DEADLINE_EXCEEDED', 'the message did not arrive completely in time'),
};
