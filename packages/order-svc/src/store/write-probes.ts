import { uuidV7 } from '@txmsg/core';
import { textLiteral } from '@txmsg/mysql';
import { groupSql } from './group-sql.js';

/**
 * Statements that change no row, and fail or wait where an update of each table would: on a server that was demoted, or is
 * locked for a backup or by a change of a table.
 */
export const writeProbes: readonly string[] = [
  "UPDATE tx_group SET state = state WHERE transaction_id = ''",
  "UPDATE tx_log SET state = state WHERE tx_no = ''",
  'UPDATE orders SET status = status WHERE id = 0',
];

/**
 * Statements that write a group of one order under ids that nobody else has, where the next group goes, and delete it: for one
 * transaction, so that nobody ever sees it. They wait for locks on gaps as groups do, and their COMMIT as a group's.
 */
export function writeProbe(): readonly string[] {
  const [transactionId, txNo] = [uuidV7(), uuidV7()];
  const createTime = new Date();
  const order = { txNo, orderNo: uuidV7(), productId: 0n, payCount: 0 };
  return [
    ...groupSql({ transactionId, createTime, nextRelayTime: createTime, relayCount: 0, orders: [order] }),
    `DELETE FROM orders WHERE tx_no = ${textLiteral(txNo)}`,
    `DELETE FROM tx_log WHERE tx_no = ${textLiteral(txNo)}`,
    `DELETE FROM tx_group WHERE transaction_id = ${textLiteral(transactionId)}`,
  ];
}
