import {
  brokerSettings,
  type Config,
  durationMs,
  flag,
  messageTopic,
  type Settings,
  serviceName,
  text,
  wholeNumber,
} from '@txmsg/service';
import type { InboxOptions } from './inbox.js';

const DAY_MS = 86_400_000;

/**
 * The settings of a service that consumes; `TXMSG_X` as prefix gives `TXMSG_X_CONSUMER_GROUP` and so on.
 *
 * @param consumer the name that its outcomes carry, and its consumer group, as defaults
 */
export function inboxSettings(prefix: string, consumer: string) {
  return {
    ...brokerSettings,
    messageTopic,
    consumer: serviceName({
      env: `${prefix}_CONSUMER`,
      default: consumer,
      description: 'Name of this service as a consumer; outcomes carry it',
    }),
    consumerGroup: text({
      env: `${prefix}_CONSUMER_GROUP`,
      default: consumer,
      description: 'Consumer group of this service',
    }),
    ...receiveSettings(prefix),
    ...keepingSettings(prefix),
  } satisfies Settings;
}

/** How messages are received and applied. */
function receiveSettings(prefix: string) {
  return {
    receiveLoops: wholeNumber(
      {
        env: `${prefix}_RECEIVE_LOOPS`,
        default: '2',
        description: 'Receives in parallel',
      },
      1,
      16,
    ),
    receiveMessages: wholeNumber(
      {
        env: `${prefix}_RECEIVE_MESSAGES`,
        default: '32',
        description: 'Messages at most that one receive takes; fewer where handling them takes seconds',
      },
      1,
      32,
    ),
    invisibleMs: durationMs(
      {
        env: `${prefix}_INVISIBLE_TIME`,
        default: '30s',
        description: 'How long a received message stays hidden; what is not acked by then comes again',
      },
      10_000,
      3_600_000,
    ),
    maxTransactions: wholeNumber(
      {
        env: `${prefix}_MAX_TRANSACTIONS`,
        default: '2000',
        description: 'Transactions at most that are applied in one local transaction',
      },
      1,
      10_000,
    ),
    maxAttempts: wholeNumber(
      {
        env: `${prefix}_MAX_ATTEMPTS`,
        default: '5',
        description:
          'Failures of its own (not outages) at one instance after which a message becomes a dead letter',
      },
      1,
      100,
    ),
  } satisfies Settings;
}

/** How dead letters are taken over, and for how long transactions are remembered. */
function keepingSettings(prefix: string) {
  return {
    drainDeadLetters: flag({
      env: `${prefix}_DRAIN_BROKER_DEAD_LETTERS`,
      default: 'true',
      description: "Take over what the broker puts to the group's dead-letter topic",
    }),
    deadLetterIntervalMs: durationMs(
      {
        env: `${prefix}_DEAD_LETTER_INTERVAL`,
        default: '60s',
        description: "Time between two looks for the group's dead-letter topic while the broker has none",
      },
      1_000,
      DAY_MS,
    ),
    retentionMs: durationMs(
      {
        env: `${prefix}_RETENTION`,
        default: '7d',
        description: 'How long transactions are remembered at least, so that no late duplicate is applied',
      },
      1_000,
      3_650 * DAY_MS,
    ),
    retentionIntervalMs: durationMs(
      {
        env: `${prefix}_RETENTION_INTERVAL`,
        default: '60s',
        description: 'Time between two rounds of forgetting',
      },
      100,
      DAY_MS,
    ),
    retentionBatch: wholeNumber(
      {
        env: `${prefix}_RETENTION_BATCH`,
        default: '500',
        description: 'Rows that one statement forgets',
      },
      1,
      10_000,
    ),
  } satisfies Settings;
}

/** The values of the settings. */
export type InboxConfig = Config<ReturnType<typeof inboxSettings>>;

/** What is wrong between settings that are right by themselves; one of them is the database's. */
export function inboxContradictions(
  prefix: string,
  config: Pick<InboxConfig, 'receiveLoops' | 'messageTopic' | 'resultTopic'> & {
    readonly dbConnections: number;
  },
): string[] {
  const faults: string[] = [];
  if (config.dbConnections <= config.receiveLoops)
    faults.push(`${prefix}_DB_CONNECTIONS: must be more than ${prefix}_RECEIVE_LOOPS`);
  if (config.messageTopic === config.resultTopic)
    faults.push('TXMSG_RESULT_TOPIC: must not be TXMSG_MESSAGE_TOPIC');
  return faults;
}

/** What `createInbox` takes from the settings. */
export function inboxOptions(
  config: InboxConfig & { readonly dbTimeoutMs: number },
): Pick<InboxOptions, 'consumer' | 'endpoints' | 'resultTopic' | 'consumerGroup' | 'limits'> {
  const { consumer, resultTopic, consumerGroup } = config;
  const { receiveLoops, receiveMessages, invisibleMs, maxTransactions, maxAttempts } = config;
  const { drainDeadLetters, deadLetterIntervalMs } = config;
  const { retentionMs, retentionIntervalMs, retentionBatch, dbTimeoutMs: transactionMs } = config;
  return {
    ...{ consumer, resultTopic, consumerGroup, endpoints: config.rocketmqEndpoints.join(';') },
    limits: {
      ...{ receiveLoops, receiveMessages, invisibleMs, maxTransactions, maxAttempts },
      ...{ drainDeadLetters, deadLetterIntervalMs },
      ...{ retentionMs, retentionIntervalMs, retentionBatch, transactionMs },
    },
  };
}
