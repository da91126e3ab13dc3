import type { Queryable } from './held-connection.js';

/**
 * The server's settings as a session of ours sees them, by lower-case name. Settings that the server lacks are missing.
 */
export type ServerVariables = ReadonlyMap<string, string>;

/** Below this size not even a group of orders fits into a packet. */
const MIN_PACKET_BYTES = 1_048_576;

/** What a session of ours has once its settings have reached the server. */
const PINNED: Readonly<Record<string, string>> = {
  autocommit: 'ON',
  completion_type: 'NO_CHAIN',
  time_zone: '+00:00',
  tx_isolation: 'READ-COMMITTED',
  transaction_isolation: 'READ-COMMITTED',
  unique_checks: 'ON',
};
const IDENTITY = ['hostname', 'port', 'server_id', 'server_uuid', 'server_uid'];
const OTHERS = ['log_bin', 'binlog_format', 'max_allowed_packet', 'innodb_flush_log_at_trx_commit'];
const showing = (names: readonly string[]) =>
  `SHOW SESSION VARIABLES WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`;
const SHOW_ALL = showing([...Object.keys(PINNED), ...IDENTITY, ...OTHERS]);
/** Asks for the variables that tell servers apart; `serverIdentity` makes a name of them. */
export const SHOW_IDENTITY = showing(IDENTITY);

/** A row of the answer to SHOW VARIABLES. */
export interface VariableRow {
  readonly Variable_name: string;
  readonly Value: string;
}

/** Reads the settings that matter. */
export async function readServerVariables(db: Queryable): Promise<ServerVariables> {
  const [rows] = await db.execute(SHOW_ALL);
  return variablesOf(rows as unknown as readonly VariableRow[]);
}

/** The settings in an answer to SHOW VARIABLES. */
export function variablesOf(rows: readonly VariableRow[]): ServerVariables {
  return new Map(rows.map(({ Variable_name, Value }) => [Variable_name.toLowerCase(), Value]));
}

/** Tells servers behind the same address apart. A server may lack some of these, and containers may share some. */
export function serverIdentity(variables: ServerVariables): string {
  return IDENTITY.flatMap((name) => variables.get(name) ?? []).join('/');
}

/** Settings with which our data would be lost or our statements would fail. */
export function variableFaults(variables: ServerVariables): readonly string[] {
  const faults = Object.entries(PINNED)
    .filter(([name, value]) => (variables.get(name) ?? value) !== value)
    .map(
      ([name, value]) =>
        `Our sessions have ${name} = ${variables.get(name)} although they set ${value}: a proxy drops their SETs.`,
    );
  if (variables.get('log_bin') === 'ON' && variables.get('binlog_format') === 'STATEMENT')
    faults.push(
      "binlog_format is STATEMENT, so READ COMMITTED can't write: SET GLOBAL binlog_format = 'ROW', here " +
        "and in the server's configuration, or grant this account BINLOG ADMIN.",
    );
  if (variables.get('innodb_flush_log_at_trx_commit') === '0')
    faults.push(
      'innodb_flush_log_at_trx_commit is 0, so a killed server loses committed orders: set it to 1.',
    );
  if (Number(variables.get('max_allowed_packet') ?? MIN_PACKET_BYTES) < MIN_PACKET_BYTES)
    faults.push(
      `max_allowed_packet is ${variables.get('max_allowed_packet')} bytes, too few for a group: set it to 16M or more.`,
    );
  return faults;
}
