import {
  type Config,
  commonSettings,
  durationMs,
  flag,
  host,
  port,
  proxyEndpoints,
  type Settings,
  secretUrl,
  serviceName,
  text,
  topicName,
  wholeNumber,
} from '@txmsg/service';

const DAY_MS = 24 * 3_600_000;

/** The settings of the stock service. */
export const stockSettings = {
  dbUrl: secretUrl(
    {
      env: 'TXMSG_STOCK_DB_URL',
      default: 'mysql://txmsg:txmsg@127.0.0.1:3306/tx-msg-stock',
      description: 'The stock database',
    },
    'mysql:',
  ),
  dbConnections: wholeNumber(
    {
      env: 'TXMSG_STOCK_DB_CONNECTIONS',
      default: '10',
      description: 'Connections to the stock database at most',
    },
    2,
    1_000,
  ),
  dbTimeoutMs: durationMs(
    {
      env: 'TXMSG_STOCK_DB_TIMEOUT',
      default: '5s',
      description: 'Deadline of a transaction on the stock database',
    },
    // A wait for a lock, a second at least, must end before it.
    2_000,
    20_000,
  ),
  host: host({
    env: 'TXMSG_STOCK_HOST',
    default: '127.0.0.1',
    description: 'Address on which StockService listens; :: is all, IPv6 and IPv4',
  }),
  internalHost: host({
    env: 'TXMSG_STOCK_INTERNAL_HOST',
    default: '127.0.0.1',
    description:
      'Address on which StockAdminService listens: one that relays and operators reach and callers do not',
  }),
  grpcPort: port({
    env: 'TXMSG_STOCK_GRPC_PORT',
    default: '6060',
    description: 'Port of StockService; 0 takes a free one',
  }),
  internalPort: port({
    env: 'TXMSG_STOCK_INTERNAL_PORT',
    default: '6061',
    description: 'Port of StockAdminService, for relays and operators; 0 takes a free one',
  }),
  rocketmqEndpoints: proxyEndpoints({
    env: 'TXMSG_ROCKETMQ_ENDPOINTS',
    default: '127.0.0.1:8081',
    description: 'RocketMQ 5 proxies (gRPC), separated by commas',
  }),
  messageTopic: topicName({
    env: 'TXMSG_MESSAGE_TOPIC',
    default: 'topic_txmsg',
    description: 'Transactional topic of the messages',
  }),
  resultTopic: topicName({
    env: 'TXMSG_RESULT_TOPIC',
    default: 'topic_txresult',
    description: 'Topic of the outcomes',
  }),
  consumer: serviceName({
    env: 'TXMSG_STOCK_CONSUMER',
    default: 'stock-svc',
    description: 'Name of this service as a consumer; outcomes carry it',
  }),
  consumerGroup: text({
    env: 'TXMSG_STOCK_CONSUMER_GROUP',
    default: 'stock-svc',
    description: 'Consumer group of the stock service',
  }),
  receiveLoops: wholeNumber(
    {
      env: 'TXMSG_STOCK_RECEIVE_LOOPS',
      default: '2',
      description: 'Receives in parallel',
    },
    1,
    16,
  ),
  receiveMessages: wholeNumber(
    {
      env: 'TXMSG_STOCK_RECEIVE_MESSAGES',
      default: '32',
      description: 'Messages at most that one receive takes; fewer where handling them takes seconds',
    },
    1,
    32,
  ),
  invisibleMs: durationMs(
    {
      env: 'TXMSG_STOCK_INVISIBLE_TIME',
      default: '30s',
      description: 'How long a received message stays hidden; what is not acked by then comes again',
    },
    10_000,
    3_600_000,
  ),
  maxTransactions: wholeNumber(
    {
      env: 'TXMSG_STOCK_MAX_TRANSACTIONS',
      default: '2000',
      description: 'Transactions at most that are applied in one local transaction',
    },
    1,
    10_000,
  ),
  maxAttempts: wholeNumber(
    {
      env: 'TXMSG_STOCK_MAX_ATTEMPTS',
      default: '5',
      description:
        'Failures of its own (not outages) at one instance after which a message becomes a dead letter',
    },
    1,
    100,
  ),
  drainDeadLetters: flag({
    env: 'TXMSG_STOCK_DRAIN_BROKER_DEAD_LETTERS',
    default: 'true',
    description: "Take over what the broker puts to the group's dead-letter topic",
  }),
  deadLetterIntervalMs: durationMs(
    {
      env: 'TXMSG_STOCK_DEAD_LETTER_INTERVAL',
      default: '60s',
      description: "Time between two looks for the group's dead-letter topic while the broker has none",
    },
    1_000,
    DAY_MS,
  ),
  retentionMs: durationMs(
    {
      env: 'TXMSG_STOCK_RETENTION',
      default: '7d',
      description: 'How long transactions are remembered at least, so that no late duplicate is applied',
    },
    1_000,
    3_650 * DAY_MS,
  ),
  retentionIntervalMs: durationMs(
    {
      env: 'TXMSG_STOCK_RETENTION_INTERVAL',
      default: '60s',
      description: 'Time between two rounds of forgetting',
    },
    100,
    DAY_MS,
  ),
  retentionBatch: wholeNumber(
    {
      env: 'TXMSG_STOCK_RETENTION_BATCH',
      default: '500',
      description: 'Rows that one statement forgets',
    },
    1,
    10_000,
  ),
  graceMs: durationMs(
    {
      env: 'TXMSG_STOCK_GRACE',
      default: '15s',
      description: 'Time to finish what is under way at a stop',
    },
    1_000,
    600_000,
  ),
  ...commonSettings,
} satisfies Settings;

/** The values of the settings. */
export type StockConfig = Config<typeof stockSettings>;

/** What is wrong between settings that are right by themselves. */
export function stockContradictions(config: StockConfig): string[] {
  const faults: string[] = [];
  if (config.dbConnections <= config.receiveLoops) {
    faults.push('TXMSG_STOCK_DB_CONNECTIONS: must be more than TXMSG_STOCK_RECEIVE_LOOPS');
  }
  if (config.messageTopic === config.resultTopic) {
    faults.push('TXMSG_RESULT_TOPIC: must not be TXMSG_MESSAGE_TOPIC');
  }
  return faults;
}
