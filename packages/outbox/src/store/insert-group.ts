import { textLiteral, timeLiteral } from '@txmsg/mysql';
import type { Keyed } from '../domain/resolve-duplicates.js';
import type { OutboxTables } from './tables.js';

/** One attempt at a group of transactions. */
export interface GroupRows {
  readonly transactionId: string;
  /** Database time; every row of the group carries it, and so does the message. */
  readonly createTime: Date;
  /** When the outbox publishes it again. */
  readonly nextRelayTime: Date;
  /** 1 when a half message was sent for it, 0 when none could be. */
  readonly relayCount: number;
  readonly rows: readonly Keyed[];
}

// The statements that every transaction goes through, as text: what drizzle makes of the same rows (a test holds the two
// equal) at a hundredth of its CPU, since drizzle makes several objects of each value.

/** Inserts the marker of an attempt. */
export function markerSql(
  { markerName }: OutboxTables,
  { transactionId, createTime }: Pick<GroupRows, 'transactionId' | 'createTime'>,
): string {
  const values = `${textLiteral(transactionId)}, 'LIVE', ${timeLiteral(createTime)}`;
  return `insert into \`${markerName}\` (\`transaction_id\`, \`state\`, \`create_time\`) values (${values})`;
}

/** Inserts the outbox rows of a group. */
export function logRowsSql({ logName }: OutboxTables, group: GroupRows): string {
  const shared = sharedValues(group);
  const rows = group.rows.map(({ txNo }) => `(${textLiteral(txNo)}, ${shared})`);
  return `insert into \`${logName}\` (${BASE}) values ${rows.join(', ')}`;
}

/** A transaction whose content stands in its outbox row. */
export interface PayloadRow extends Keyed {
  readonly type: string;
  readonly payload: Buffer;
}

/** Inserts the outbox rows of transactions whose content stands in them. */
export function payloadRowsSql(
  { logName }: OutboxTables,
  group: Omit<GroupRows, 'rows'> & { readonly rows: readonly PayloadRow[] },
): string {
  const shared = sharedValues(group);
  const rows = group.rows.map(
    ({ txNo, type, payload }) =>
      `(${textLiteral(txNo)}, ${shared}, ${textLiteral(type)}, x'${payload.toString('hex')}')`,
  );
  return `insert into \`${logName}\` (${BASE}, \`type\`, \`payload\`) values ${rows.join(', ')}`;
}

const BASE = '`tx_no`, `create_time`, `transaction_id`, `state`, `next_relay_time`, `relay_count`';

function sharedValues(group: Omit<GroupRows, 'rows'>): string {
  const times = [group.createTime, group.nextRelayTime].map(timeLiteral);
  return `${times[0]}, ${textLiteral(group.transactionId)}, 'PENDING', ${times[1]}, ${group.relayCount}`;
}
