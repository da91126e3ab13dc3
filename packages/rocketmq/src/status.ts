import { status as grpcStatus, type ServiceError } from '@grpc/grpc-js';
import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import { BrokerError, type BrokerErrorCode } from './broker-error.js';

const { Code } = definition;

/** The status inside an answer of the proxy. */
export interface BrokerStatus {
  readonly code: number;
  readonly message: string;
}

const CODES = new Map<number, BrokerErrorCode>([
  [Code.MESSAGE_BODY_TOO_LARGE, 'TOO_LARGE'],
  [Code.MESSAGE_PROPERTIES_TOO_LARGE, 'TOO_LARGE'],
  [Code.PAYLOAD_TOO_LARGE, 'TOO_LARGE'],
  [Code.REQUEST_HEADER_FIELDS_TOO_LARGE, 'TOO_LARGE'],
  // These heal: topics and groups are made again at a broker that lost its data; a restarted proxy learns its clients.
  [Code.NOT_FOUND, 'UNAVAILABLE'],
  [Code.TOPIC_NOT_FOUND, 'UNAVAILABLE'],
  [Code.CONSUMER_GROUP_NOT_FOUND, 'UNAVAILABLE'],
  [Code.UNRECOGNIZED_CLIENT_TYPE, 'UNAVAILABLE'],
  [Code.CLIENT_ID_REQUIRED, 'UNAVAILABLE'],
  // Only a proxy that doesn't know the topic's type says so: the sender looks at the type itself.
  [Code.MESSAGE_PROPERTY_CONFLICT_WITH_TYPE, 'UNAVAILABLE'],
  [Code.TOO_MANY_REQUESTS, 'UNAVAILABLE'],
  [Code.UNAUTHORIZED, 'UNAVAILABLE'],
  [Code.FORBIDDEN, 'UNAVAILABLE'],
  [Code.PAYMENT_REQUIRED, 'UNAVAILABLE'],
  [Code.REQUEST_TIMEOUT, 'TIMEOUT'],
  [Code.PROXY_TIMEOUT, 'TIMEOUT'],
  [Code.MASTER_PERSISTENCE_TIMEOUT, 'TIMEOUT'],
  [Code.SLAVE_PERSISTENCE_TIMEOUT, 'TIMEOUT'],
]);

/**
 * Throws BrokerError, with the broker's own code, unless the status says OK. An absent status is OK, as in the client.
 */
export function checkStatus(status: BrokerStatus | undefined, what: string): void {
  if (!status || status.code === Code.OK || status.code === Code.MULTIPLE_RESULTS) {
    return;
  }
  const known = CODES.get(status.code);
  const invalid = status.code >= Code.BAD_REQUEST && status.code < Code.INTERNAL_ERROR;
  const code = known ?? (invalid ? 'INVALID' : 'UNKNOWN_OUTCOME');
  const text = `${what}: ${status.message} (code ${status.code})`;
  throw new BrokerError(code, text, undefined, { brokerCode: status.code });
}

/** Whether the broker answered that it has no such consumer group. */
export function isGroupNotFound(error: unknown): boolean {
  return error instanceof BrokerError && error.brokerCode === Code.CONSUMER_GROUP_NOT_FOUND;
}

/** Makes a BrokerError of what a gRPC call threw. It counts as sent unless the request certainly never left. */
export function fromGrpc(error: ServiceError, what: string, sent: boolean): BrokerError {
  const text = `${what}: ${error.details || error.message}`;
  switch (error.code) {
    case grpcStatus.DEADLINE_EXCEEDED:
      return new BrokerError('TIMEOUT', text, error);
    case grpcStatus.CANCELLED:
      return new BrokerError('CLOSED', text, error, { outcomeUnknown: sent });
    case grpcStatus.UNAVAILABLE:
      return new BrokerError(sent ? 'UNKNOWN_OUTCOME' : 'UNAVAILABLE', text, error);
    default:
      return new BrokerError('UNKNOWN_OUTCOME', text, error);
  }
}
