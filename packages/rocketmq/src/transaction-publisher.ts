import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import service from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { BrokerError } from './broker-error.js';
import type { Bounds } from './calls.js';
import { CheckBacks } from './check-backs.js';
import { Sender } from './sender.js';
import type { BrokerSession } from './session.js';
import { checkStatus } from './status.js';
import { within } from './timing.js';
import type {
  PreparedMessage,
  Resolution,
  TransactionPublisher,
  TransactionPublisherOptions,
} from './types.js';

const CHECKS = 16;
const CHECK_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 3_000;
const END_TIMEOUT_MS = 3_000;

type Source = 'SOURCE_CLIENT' | 'SOURCE_SERVER_CHECK';

/** Makes a TransactionPublisher. Returns at once, and keeps connecting in the background until the caller closes it. */
export function createTransactionPublisher(options: TransactionPublisherOptions): TransactionPublisher {
  const checks = new CheckBacks({
    check: options.check,
    end: (prepared, resolution) =>
      sender.connection.run((session) =>
        endTransaction(session, prepared, resolution, 'SOURCE_SERVER_CHECK', { timeoutMs: END_TIMEOUT_MS }),
      ),
    maxConcurrent: options.maxConcurrentChecks ?? CHECKS,
    timeoutMs: options.checkTimeoutMs ?? CHECK_TIMEOUT_MS,
    logger: options.logger,
  });
  const sender = new Sender({
    ...options,
    kind: 'TRANSACTION',
    onCheck: (endpoints, command) => checks.handle(endpoints, command),
  });
  return {
    get available() {
      return sender.connection.available;
    },
    onAvailable: (listener) => sender.connection.onAvailable(listener),
    onAvailabilityChange: (listener) => sender.connection.onAvailabilityChange(listener),
    prepare: (message, callOptions) => sender.send(message, callOptions),
    end: (prepared, resolution, callOptions = {}) =>
      sender.withSlot(callOptions, async (session, bounds) => {
        // Whoever names the proxy, no connection is made to one that isn't ours.
        if (!sender.connection.isOwnProxy(prepared.endpoints))
          throw new BrokerError('FOREIGN_PROXY', 'the half message is of a proxy that is not in the route');
        await endTransaction(session, prepared, resolution, 'SOURCE_CLIENT', bounds);
      }),
    async close() {
      await within(checks.close(), options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS, undefined);
      await sender.close();
    },
  };
}

/** Goes to the proxy that took the half message. Any other says OK or an error, and does nothing. */
async function endTransaction(
  session: BrokerSession,
  prepared: PreparedMessage,
  resolution: Resolution,
  source: Source,
  bounds: Bounds,
): Promise<void> {
  const request = new service.EndTransactionRequest()
    .setTopic(new definition.Resource().setName(prepared.topic))
    .setMessageId(prepared.messageId)
    .setTransactionId(prepared.transactionId)
    .setResolution(definition.TransactionResolution[resolution])
    .setSource(definition.TransactionSource[source]);
  const what = `${resolution} of ${prepared.messageId}`;
  const response = await session.call(
    prepared.endpoints,
    (client) => client.endTransaction,
    request,
    bounds,
    what,
  );
  checkStatus(response.getStatus()?.toObject(), what);
}
