import { textLiteral, timeLiteral } from '@txmsg/mysql';
import type { NewOrder } from '../domain/order.js';

/** One attempt at a group of orders. */
export interface GroupRow {
  readonly transactionId: string;
  /** Database time; every row of the group carries it, and so does the message. */
  readonly createTime: Date;
  /** When the outbox publishes it again. */
  readonly nextRelayTime: Date;
  /** 1 when a half message was sent for it, 0 when none could be. */
  readonly relayCount: number;
  readonly orders: readonly NewOrder[];
}

// The statements that every order goes through, as text: what drizzle makes of the same rows (a test holds the two equal)
// at a hundredth of its CPU, since drizzle makes several objects of each value.

/** Inserts a group: its marker first, then its outbox rows, then its orders. */
export function groupSql(group: GroupRow): readonly string[] {
  return [markerSql(group), logRowsSql(group), orderRowsSql(group)];
}

/** Inserts the group's marker. */
export function markerSql({ transactionId, createTime }: GroupRow): string {
  const values = `${textLiteral(transactionId)}, 'LIVE', ${timeLiteral(createTime)}`;
  return `insert into \`tx_group\` (\`transaction_id\`, \`state\`, \`create_time\`) values (${values})`;
}

/** Inserts the group's outbox rows. */
export function logRowsSql(group: GroupRow): string {
  const times = [group.createTime, group.nextRelayTime].map(timeLiteral);
  const shared = `${times[0]}, ${textLiteral(group.transactionId)}, 'PENDING', ${times[1]}, ${group.relayCount}`;
  const rows = group.orders.map(({ txNo }) => `(${textLiteral(txNo)}, ${shared})`);
  return `insert into \`tx_log\` (\`tx_no\`, \`create_time\`, \`transaction_id\`, \`state\`, \`next_relay_time\`, \`relay_count\`) values ${rows.join(', ')}`;
}

/** Inserts the group's orders. */
export function orderRowsSql({ createTime, orders }: GroupRow): string {
  const time = timeLiteral(createTime);
  const rows = orders.map(
    ({ orderNo, productId, payCount, txNo }) =>
      `(default, ${time}, ${textLiteral(orderNo)}, ${productId}, ${payCount}, ${textLiteral(txNo)}, 'PENDING', '', ${time})`,
  );
  return `insert into \`orders\` (\`id\`, \`create_time\`, \`order_no\`, \`product_id\`, \`pay_count\`, \`tx_no\`, \`status\`, \`status_reason\`, \`update_time\`) values ${rows.join(', ')}`;
}
