import {
  brokerSettings,
  type Config,
  commonSettings,
  durationMs,
  graceSettings,
  host,
  port,
  type Setting,
  text,
  wholeNumber,
} from '@txmsg/service';
import { z } from 'zod';
import { isTopic, type NamedAddresses, parseNamedAddresses, type Services } from './domain/services.js';

const MINUTE = 60_000;

/** Services by name, each with the addresses of its replicas. */
function namedAddresses(row: Omit<Setting<NamedAddresses>, 'schema'>): Setting<NamedAddresses> {
  const schema = z.string().transform((value, context) => {
    const services = parseNamedAddresses(value);
    if (services) return services;
    context.addIssue({
      code: 'custom',
      message:
        'must be name=host:port|host:port, several separated by commas; an IPv6 address stands in brackets, and dns:///name:port is taken too',
    });
    return z.NEVER;
  });
  return { ...row, schema };
}

/** Names of topics, separated by commas; none when it is blank. */
function topics(row: Omit<Setting<string[]>, 'schema'>): Setting<string[]> {
  const schema = z
    .string()
    .transform((value) => (value.trim() === '' ? [] : value.split(',').map((part) => part.trim())))
    .refine((names) => names.every(isTopic), 'must be a topic, or several separated by commas')
    .transform((names) => [...new Set(names)]);
  return { ...row, schema };
}

/** The path of a file; blank for none. */
function optionalPath(row: Omit<Setting<string>, 'schema'>): Setting<string> {
  return { ...row, schema: z.string().trim() };
}

/** The settings of the relay. */
export const relaySettings = {
  host: host({
    env: 'TXMSG_RELAY_HOST',
    default: '127.0.0.1',
    description: 'Address to listen on: one that participants and operators reach and callers do not',
  }),
  grpcPort: port({ env: 'TXMSG_RELAY_GRPC_PORT', default: '7070', description: 'Port of the relay API' }),
  ...brokerSettings,
  participants: namedAddresses({
    env: 'TXMSG_RELAY_PARTICIPANTS',
    default: 'order-svc=127.0.0.1:9091',
    description:
      'Services that publish through the relay: name=host:port|host:port, separated by commas; a name may resolve to several',
  }),
  consumers: namedAddresses({
    env: 'TXMSG_RELAY_CONSUMERS',
    default: 'stock-svc=127.0.0.1:6061',
    description: 'Services that consume and take the watermark of retention, written like the participants',
  }),
  topics: topics({
    env: 'TXMSG_RELAY_TOPICS',
    default: '',
    description:
      "Transactional topics of the relay's messages, separated by commas; blank: TXMSG_MESSAGE_TOPIC",
  }),
  messageTopics: topics({
    env: 'TXMSG_MESSAGE_TOPIC',
    default: 'topic_txmsg',
    description: 'Transactional topic of the messages',
  }),
  servicesFile: optionalPath({
    env: 'TXMSG_RELAY_SERVICES_FILE',
    default: '',
    description:
      'JSON file with participants, consumers and topics, instead of their settings; read again at each change',
  }),
  resultGroup: text({
    env: 'TXMSG_RESULT_CONSUMER_GROUP',
    default: 'txmsg-relay',
    description:
      'Consumer group of the relays on the topic of the outcomes; the same for relays with the same participants',
  }),
  brokerTimeoutMs: durationMs(
    { env: 'TXMSG_RELAY_BROKER_TIMEOUT', default: '3s', description: 'Deadline of a call to the broker' },
    100,
    MINUTE,
  ),
  participantTimeoutMs: durationMs(
    {
      env: 'TXMSG_RELAY_PARTICIPANT_TIMEOUT',
      default: '5s',
      description: 'Deadline of a call to a participant or consumer',
    },
    100,
    MINUTE,
  ),
  brokerMaxInFlight: wholeNumber(
    {
      env: 'TXMSG_RELAY_BROKER_MAX_IN_FLIGHT',
      default: '48',
      description: 'Calls to the broker at a time for each topic',
    },
    1,
    1_000,
  ),
  maxConcurrentChecks: wholeNumber(
    {
      env: 'TXMSG_RELAY_MAX_CONCURRENT_CHECKS',
      default: '16',
      description: 'Check-backs of each participant answered at a time',
    },
    1,
    1_000,
  ),
  outboxBatch: wholeNumber(
    { env: 'TXMSG_RELAY_OUTBOX_BATCH', default: '2000', description: 'Transactions claimed at a time' },
    1,
    10_000,
  ),
  outboxConcurrency: wholeNumber(
    {
      env: 'TXMSG_RELAY_OUTBOX_CONCURRENCY',
      default: '4',
      description: 'Groups of a claim published at a time',
    },
    1,
    64,
  ),
  outboxMinPollMs: durationMs(
    {
      env: 'TXMSG_RELAY_OUTBOX_POLL',
      default: '200ms',
      description: 'Pause between claims while something is expected',
    },
    1,
    MINUTE,
  ),
  outboxMaxPollMs: durationMs(
    {
      env: 'TXMSG_RELAY_OUTBOX_IDLE_POLL',
      default: '5s',
      description: 'Pause between claims of an idle system',
    },
    1,
    10 * MINUTE,
  ),
  settleConcurrency: wholeNumber(
    {
      env: 'TXMSG_RELAY_SETTLE_CONCURRENCY',
      default: '2',
      description: 'Batches of outcomes handled at a time',
    },
    1,
    64,
  ),
  invisibleMs: durationMs(
    {
      env: 'TXMSG_RELAY_INVISIBLE_TIME',
      default: '30s',
      description: 'How long received outcomes stay hidden; what is not acked by then comes again',
    },
    10_000,
    60 * MINUTE,
  ),
  watermarkEveryMs: durationMs(
    {
      env: 'TXMSG_RELAY_WATERMARK_INTERVAL',
      default: '30s',
      description: 'Pause between reports of the watermark',
    },
    10,
    60 * MINUTE,
  ),
  ...graceSettings('TXMSG_RELAY', '10s'),
  ...commonSettings,
};

/** The relay's configuration. */
export type RelayConfig = Config<typeof relaySettings>;

/** What is wrong between settings, each of which is right by itself. */
export function relayContradictions(config: RelayConfig): string[] {
  const faults: string[] = [];
  if (config.outboxMaxPollMs < config.outboxMinPollMs)
    faults.push('TXMSG_RELAY_OUTBOX_IDLE_POLL: must not be below TXMSG_RELAY_OUTBOX_POLL');
  const isListed = config.servicesFile !== '';
  if (!isListed && servicesOf(config).topics.includes(config.resultTopic))
    faults.push("TXMSG_RESULT_TOPIC: must not be one of the relay's topics");
  return faults;
}

/** The services that the settings list. */
export function servicesOf({ participants, consumers, topics, messageTopics }: RelayConfig): Services {
  return { participants, consumers, topics: topics.length > 0 ? topics : messageTopics };
}
