/**
 * Statements that change no row, and fail or wait where a write of each table would: on a server that was demoted, or is
 * locked for a backup or by a change of a table.
 */
export const writeProbes: readonly string[] = [
  "UPDATE tx_group SET state = state WHERE transaction_id = ''",
  "UPDATE tx_log SET state = state WHERE tx_no = ''",
  'UPDATE orders SET status = status WHERE id = 0',
];
