import {
  type Config,
  commonSettings,
  durationMs,
  endpoints,
  host,
  port,
  secretUrl,
  text,
  topicName,
  wholeNumber,
} from '@txmsg/service';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** The settings of the order service. */
export const orderSettings = {
  dbUrl: secretUrl(
    {
      env: 'TXMSG_ORDER_DB_URL',
      default: 'mysql://txmsg:txmsg@127.0.0.1:3306/tx-msg-orders',
      description: 'Order database',
    },
    'mysql:',
  ),
  dbConnections: wholeNumber(
    {
      env: 'TXMSG_ORDER_DB_CONNECTIONS',
      default: '10',
      description: 'Connections to the order database at most',
    },
    2,
    200,
  ),
  dbTimeoutMs: durationMs(
    {
      env: 'TXMSG_ORDER_DB_TIMEOUT',
      default: '3s',
      description: 'Deadline of a transaction on the order database',
    },
    100,
    MINUTE,
  ),
  host: host({
    env: 'TXMSG_ORDER_HOST',
    default: '127.0.0.1',
    description: 'Address on which the public API listens; :: is all, IPv6 and IPv4',
  }),
  internalHost: host({
    env: 'TXMSG_ORDER_INTERNAL_HOST',
    default: '127.0.0.1',
    description:
      'Address on which the participant contract listens: one that relays reach and callers do not',
  }),
  grpcPort: port({ env: 'TXMSG_ORDER_GRPC_PORT', default: '9090', description: 'Port of the public API' }),
  internalPort: port({
    env: 'TXMSG_ORDER_INTERNAL_PORT',
    default: '9091',
    description: 'Port of the participant contract, for relays only',
  }),
  relayAddresses: endpoints({
    env: 'TXMSG_RELAY_ADDRESSES',
    default: '127.0.0.1:7070',
    description: 'Relays, host:port or [IPv6 address]:port separated by commas',
  }),
  relayTimeoutMs: durationMs(
    {
      env: 'TXMSG_ORDER_RELAY_TIMEOUT',
      default: '3s',
      description: 'Deadline of a call to a relay; no caller waits for it',
    },
    100,
    MINUTE,
  ),
  relayMaxInFlight: wholeNumber(
    {
      env: 'TXMSG_ORDER_RELAY_MAX_IN_FLIGHT',
      default: '64',
      description: 'Half messages under way at most; beyond it the outbox publishes',
    },
    1,
    1_000,
  ),
  participant: text({
    env: 'TXMSG_ORDER_PARTICIPANT',
    default: 'order-svc',
    description: "Name of this service among the relay's participants",
  }),
  topic: topicName({
    env: 'TXMSG_MESSAGE_TOPIC',
    default: 'topic_txmsg',
    description: 'Transactional topic of the messages',
  }),
  maxGroupSize: wholeNumber(
    {
      env: 'TXMSG_ORDER_MAX_GROUP_SIZE',
      default: '1000',
      description: 'Orders in a group at most; 1 keeps to the single-message format',
    },
    1,
    1_000,
  ),
  maxGroupsInFlight: wholeNumber(
    { env: 'TXMSG_ORDER_MAX_GROUPS_IN_FLIGHT', default: '1', description: 'Groups being written at a time' },
    1,
    64,
  ),
  maxQueued: wholeNumber(
    {
      env: 'TXMSG_ORDER_MAX_QUEUED',
      default: '10000',
      description: 'Orders that may wait for a group; beyond it RESOURCE_EXHAUSTED',
    },
    1,
    1_000_000,
  ),
  firstRelayMs: durationMs(
    {
      env: 'TXMSG_ORDER_FIRST_RELAY_DELAY',
      default: '10s',
      description: 'Age at which an unsettled order is first published again, at the least',
    },
    10,
    DAY,
  ),
  maxRelayMs: durationMs(
    {
      env: 'TXMSG_ORDER_MAX_RELAY_DELAY',
      default: '1h',
      description: 'Longest delay between publications of an unsettled order',
    },
    10,
    DAY,
  ),
  fenceMs: durationMs(
    {
      env: 'TXMSG_ORDER_FENCE_TIME',
      default: '30s',
      description: 'Age at which a check-back fences a transaction that is not there',
    },
    10,
    DAY,
  ),
  retentionMs: durationMs(
    {
      env: 'TXMSG_ORDER_RETENTION',
      default: '7d',
      description: 'How long settled rows of the message log are kept',
    },
    1_000,
    3_650 * DAY,
  ),
  retentionEveryMs: durationMs(
    {
      env: 'TXMSG_ORDER_RETENTION_INTERVAL',
      default: '1m',
      description: 'Pause between looks for rows to purge',
    },
    10,
    DAY,
  ),
  graceMs: durationMs(
    { env: 'TXMSG_ORDER_GRACE', default: '10s', description: 'Time to finish what is under way at a stop' },
    0,
    10 * MINUTE,
  ),
  ...commonSettings,
};

/** The order service's configuration. */
export type OrderConfig = Config<typeof orderSettings>;

/** What is wrong between settings that are right by themselves. */
export function orderContradictions(config: OrderConfig): string[] {
  const faults: string[] = [];
  if (config.maxRelayMs < config.firstRelayMs)
    faults.push('TXMSG_ORDER_MAX_RELAY_DELAY: must not be below TXMSG_ORDER_FIRST_RELAY_DELAY');
  if (config.retentionMs < 2 * config.fenceMs)
    faults.push('TXMSG_ORDER_RETENTION: must be at least twice TXMSG_ORDER_FENCE_TIME');
  if (config.fenceMs < config.dbTimeoutMs)
    faults.push('TXMSG_ORDER_FENCE_TIME: must not be below TXMSG_ORDER_DB_TIMEOUT');
  return faults;
}
