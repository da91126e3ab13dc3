import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { RelayService } from '@txmsg/contracts';
import { halfProperties, messageKeys } from '@txmsg/contracts/message-properties';
import { type PrepareTransactionRequest, TransactionResolution } from '@txmsg/contracts/relay';
import { failpoint, TxmsgError } from '@txmsg/core';
import type { CallContext, ServiceHandlers } from '@txmsg/grpc';
import { BrokerError, KEY_BYTES_MAX, type TransactionPublisher } from '@txmsg/rocketmq';
import type { Counters } from '../counters.js';
import { decodeHandle, encodeHandle } from '../domain/handle.js';
import { toTxmsgError } from './broker-fault.js';

/** The broker forgets how to end a half message after 30 s; a little less, as relays' clocks differ. */
const END_WITHIN_MS = 28_000;

/** What the RelayService works with. */
export interface RelayServiceOptions {
  /** By topic. */
  readonly publishers: ReadonlyMap<string, TransactionPublisher>;
  readonly isParticipant: (name: string) => boolean;
  readonly brokerTimeoutMs: number;
  /** Called when a half message of the participant could not be sent: its outbox has to publish. */
  readonly onPrepareFailed: (participant: string) => void;
  readonly counters: Counters;
}

/** The relay's gRPC API: sends half messages and ends them, whichever relay sent them. */
export function createRelayService(options: RelayServiceOptions): ServiceHandlers<typeof RelayService> {
  const { publishers, counters } = options;
  const callOptions = ({ deadlineMs }: CallContext) => ({
    timeoutMs: Math.max(
      1,
      Math.min(options.brokerTimeoutMs, (deadlineMs ?? Number.POSITIVE_INFINITY) - Date.now()),
    ),
  });
  return {
    async prepareTransaction(request, context) {
      const publisher = publisherFor(request, options);
      try {
        const prepared = await publisher.prepare(outgoing(request), callOptions(context));
        await failpoint('relay.prepared');
        counters.add('half_messages');
        return { handle: encodeHandle({ ...prepared, preparedTimeMs: Date.now() }) };
      } catch (error) {
        counters.add('half_messages_failed');
        options.onPrepareFailed(request.participant);
        throw toTxmsgError(error);
      }
    },
    async endTransaction({ handle, resolution }, context) {
      const half = decodeHandle(handle);
      const publisher = half && publishers.get(half.topic);
      if (!publisher) throw invalid('handle', 'is not a handle of a relay like this one');
      const ageMs = Date.now() - half.preparedTimeMs;
      try {
        const commit = resolution === TransactionResolution.COMMIT;
        await publisher.end(half, commit ? 'COMMIT' : 'ROLLBACK', callOptions(context));
        counters.add('ends');
        return {};
      } catch (error) {
        counters.add('ends_failed');
        throw endFault(error, ageMs);
      }
    },
  };
}

function publisherFor(
  { participant, topic }: PrepareTransactionRequest,
  { isParticipant, publishers }: RelayServiceOptions,
): TransactionPublisher {
  if (!isParticipant(participant)) throw invalid('participant', 'is not known to this relay');
  const publisher = publishers.get(topic);
  if (!publisher) throw invalid('topic', 'is not a topic of this relay');
  return publisher;
}

function outgoing(request: PrepareTransactionRequest) {
  const { participant, transactionId, topic, body, txNos, createTime, type } = request;
  if (!createTime) throw invalid('create_time', 'is required');
  return {
    topic,
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    keys: messageKeys(txNos, KEY_BYTES_MAX, transactionId),
    properties: halfProperties({
      participant,
      transactionId,
      createTimeMs: Math.floor(timestampMs(createTime)),
      type,
    }),
  };
}

/** The broker answers a late end with a general error: the age tells it from others. Both mean "unknown". */
function endFault(error: unknown, ageMs: number): unknown {
  if (error instanceof BrokerError && error.code === 'FOREIGN_PROXY')
    return invalid('handle', 'names a proxy that this relay does not use');
  const answered =
    error instanceof BrokerError && (error.code === 'INVALID' || error.code === 'UNKNOWN_OUTCOME');
  if (answered && ageMs >= END_WITHIN_MS) {
    return new TxmsgError('FAILED_PRECONDITION', 'too late to end; the check-back decides', { cause: error });
  }
  if (answered) {
    return new TxmsgError('UNAVAILABLE', 'not ended; the check-back decides', { cause: error });
  }
  return toTxmsgError(error);
}

function invalid(field: string, description: string): TxmsgError {
  return new TxmsgError('INVALID_ARGUMENT', `${field} ${description}`, {
    fieldViolations: [{ field, description }],
  });
}
