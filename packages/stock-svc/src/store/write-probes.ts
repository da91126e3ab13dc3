/**
 * Statements that change no row, and fail or wait where an update of these two tables would, which every order changes: on a
 * server that was demoted, or is locked for a backup or by a change of one of them.
 */
export const writeProbes: readonly string[] = [
  "UPDATE tx_log SET reason = reason WHERE tx_no = ''",
  'UPDATE stock SET total_count = total_count WHERE id = 0',
];
