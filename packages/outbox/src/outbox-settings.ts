import {
  type Config,
  durationMs,
  endpoints,
  messageTopic,
  type Settings,
  text,
  wholeNumber,
} from '@txmsg/service';
import type { OutboxOptions } from './outbox.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * The settings of a service that publishes; `TXMSG_X` as prefix gives `TXMSG_X_FENCE_TIME` and so on.
 *
 * @param participant the name that the relay knows the service by, as default
 */
export function outboxSettings(prefix: string, participant: string) {
  return { ...relaySettings(prefix, participant), ...groupSettings(prefix), ...logSettings(prefix) };
}

/** Where messages go. */
function relaySettings(prefix: string, participant: string) {
  return {
    relayAddresses: endpoints({
      env: 'TXMSG_RELAY_ADDRESSES',
      default: '127.0.0.1:7070',
      description: 'Relays, host:port or [IPv6 address]:port separated by commas',
    }),
    relayTimeoutMs: durationMs(
      {
        env: `${prefix}_RELAY_TIMEOUT`,
        default: '3s',
        description: 'Deadline of a call to a relay; no caller waits for it',
      },
      100,
      MINUTE_MS,
    ),
    relayMaxInFlight: wholeNumber(
      {
        env: `${prefix}_RELAY_MAX_IN_FLIGHT`,
        default: '64',
        description: 'Half messages under way at most; beyond it the outbox publishes',
      },
      1,
      1_000,
    ),
    participant: text({
      env: `${prefix}_PARTICIPANT`,
      default: participant,
      description: "Name of this service among the relay's participants",
    }),
    topic: messageTopic,
  } satisfies Settings;
}

/** How rows are written in groups. */
function groupSettings(prefix: string) {
  return {
    maxGroupSize: wholeNumber(
      {
        env: `${prefix}_MAX_GROUP_SIZE`,
        default: '1000',
        description: 'Transactions in a group at most; 1 keeps to the single-message format',
      },
      1,
      1_000,
    ),
    maxGroupsInFlight: wholeNumber(
      { env: `${prefix}_MAX_GROUPS_IN_FLIGHT`, default: '1', description: 'Groups being written at a time' },
      1,
      64,
    ),
    maxQueued: wholeNumber(
      {
        env: `${prefix}_MAX_QUEUED`,
        default: '10000',
        description: 'Transactions that may wait for a group; beyond it RESOURCE_EXHAUSTED',
      },
      1,
      1_000_000,
    ),
  } satisfies Settings;
}

/** When the rows of the outbox are published again, fenced and forgotten. */
function logSettings(prefix: string) {
  return {
    firstRelayMs: durationMs(
      {
        env: `${prefix}_FIRST_RELAY_DELAY`,
        default: '10s',
        description: 'Age at which an unsettled transaction is first published again, at the least',
      },
      10,
      DAY_MS,
    ),
    maxRelayMs: durationMs(
      {
        env: `${prefix}_MAX_RELAY_DELAY`,
        default: '1h',
        description: 'Longest delay between publications of an unsettled transaction',
      },
      10,
      DAY_MS,
    ),
    fenceMs: durationMs(
      {
        env: `${prefix}_FENCE_TIME`,
        default: '30s',
        description: 'Age at which a check-back fences a transaction that is not there',
      },
      10,
      DAY_MS,
    ),
    retentionMs: durationMs(
      {
        env: `${prefix}_RETENTION`,
        default: '7d',
        description: 'How long settled rows of the message log are kept',
      },
      1_000,
      3_650 * DAY_MS,
    ),
    retentionEveryMs: durationMs(
      {
        env: `${prefix}_RETENTION_INTERVAL`,
        default: '1m',
        description: 'Pause between looks for rows to purge',
      },
      10,
      DAY_MS,
    ),
  } satisfies Settings;
}

/** The values of the settings. */
export type OutboxConfig = Config<ReturnType<typeof outboxSettings>>;

/** What is wrong between settings that are right by themselves; one of them is the database's. */
export function outboxContradictions(
  prefix: string,
  config: Pick<OutboxConfig, 'firstRelayMs' | 'maxRelayMs' | 'fenceMs' | 'retentionMs'> & {
    readonly dbTimeoutMs: number;
  },
): string[] {
  const faults: string[] = [];
  if (config.maxRelayMs < config.firstRelayMs)
    faults.push(`${prefix}_MAX_RELAY_DELAY: must not be below ${prefix}_FIRST_RELAY_DELAY`);
  if (config.retentionMs < 2 * config.fenceMs)
    faults.push(`${prefix}_RETENTION: must be at least twice ${prefix}_FENCE_TIME`);
  if (config.fenceMs < config.dbTimeoutMs)
    faults.push(`${prefix}_FENCE_TIME: must not be below ${prefix}_DB_TIMEOUT`);
  return faults;
}

/** What `createOutbox` takes from the settings. */
export function outboxLimits(
  config: Omit<
    OutboxConfig,
    'relayAddresses' | 'relayTimeoutMs' | 'relayMaxInFlight' | 'participant' | 'topic'
  >,
): Pick<
  OutboxOptions,
  'firstMs' | 'maxMs' | 'fenceMs' | 'retentionMs' | 'retentionEveryMs' | 'maxGroupSize'
> {
  const { firstRelayMs: firstMs, maxRelayMs: maxMs, fenceMs } = config;
  const { retentionMs, retentionEveryMs, maxGroupSize } = config;
  return { firstMs, maxMs, fenceMs, retentionMs, retentionEveryMs, maxGroupSize };
}
