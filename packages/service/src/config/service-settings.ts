import type { Settings } from './load-config.js';
import { durationMs, host, port, secretUrl, wholeNumber } from './setting-types.js';

const MAX_CONNECTIONS = 1_000;
const MAX_GRACE_MS = 600_000;

/** What the settings of a service's database begin with. */
export interface DatabaseDefaults {
  /** How descriptions speak of the database: `order` gives `the order database`. */
  readonly name: string;
  readonly url: string;
  readonly timeout: string;
  /** The least and the most that the timeout may be, in milliseconds. */
  readonly timeoutMs: readonly [min: number, max: number];
}

/** The settings of a service's database; `TXMSG_X` as prefix gives `TXMSG_X_DB_URL` and so on. */
export function databaseSettings(prefix: string, { name, url, timeout, timeoutMs }: DatabaseDefaults) {
  return {
    dbUrl: secretUrl(
      { env: `${prefix}_DB_URL`, default: url, description: `The ${name} database` },
      'mysql:',
    ),
    dbConnections: wholeNumber(
      {
        env: `${prefix}_DB_CONNECTIONS`,
        default: '10',
        description: `Connections to the ${name} database at most`,
      },
      2,
      MAX_CONNECTIONS,
    ),
    dbTimeoutMs: durationMs(
      {
        env: `${prefix}_DB_TIMEOUT`,
        default: timeout,
        description: `Deadline of a transaction on the ${name} database`,
      },
      ...timeoutMs,
    ),
  } satisfies Settings;
}

/** What the settings of a service's two servers begin with. */
export interface ServerDefaults {
  /** What the public port serves, for descriptions, and its number. */
  readonly open: string;
  readonly grpcPort: string;
  /** What the internal port serves, for descriptions, and its number. */
  readonly internal: string;
  readonly internalPort: string;
  readonly grace: string;
}

/** The settings of a service that serves callers on one port, and relays and operators on another. */
export function serverSettings(prefix: string, defaults: ServerDefaults) {
  const { open, internal } = defaults;
  return {
    host: host({
      env: `${prefix}_HOST`,
      default: '127.0.0.1',
      description: `Address on which ${open} listens; :: is all, IPv6 and IPv4`,
    }),
    internalHost: host({
      env: `${prefix}_INTERNAL_HOST`,
      default: '127.0.0.1',
      description: `Address on which ${internal} listens: one that relays and operators reach and callers do not`,
    }),
    grpcPort: port({
      env: `${prefix}_GRPC_PORT`,
      default: defaults.grpcPort,
      description: `Port of ${open}; 0 takes a free one`,
    }),
    internalPort: port({
      env: `${prefix}_INTERNAL_PORT`,
      default: defaults.internalPort,
      description: `Port of ${internal}, for relays and operators; 0 takes a free one`,
    }),
    ...graceSettings(prefix, defaults.grace),
  } satisfies Settings;
}

/** The time that a service has at its stop. */
export function graceSettings(prefix: string, grace: string) {
  return {
    graceMs: durationMs(
      {
        env: `${prefix}_GRACE`,
        default: grace,
        description: 'Time to finish what is under way at a stop',
      },
      0,
      MAX_GRACE_MS,
    ),
  } satisfies Settings;
}
