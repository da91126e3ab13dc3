import { uuidV7 } from '@txmsg/core';
import { textLiteral } from '@txmsg/mysql';
import type { Keyed } from '../domain/resolve-duplicates.js';
import { logRowsSql, markerSql } from './insert-group.js';
import type { OutboxTables } from './tables.js';

/** The statements by which a ping tries the tables: for the options of `createDatabase`. */
export interface Probes {
  /**
   * Statements that change no row, and fail or wait where an update of each table would: on a server that was demoted, or
   * is locked for a backup or by a change of a table.
   */
  readonly probes: readonly string[];
  /**
   * Statements that write a group of one under ids that nobody else has, where the next group goes, and delete it: for one
   * transaction, so that nobody ever sees it. They wait for locks on gaps as groups do, and their COMMIT as a group's.
   */
  readonly writeProbe: () => readonly string[];
}

/** What probes of a service's own table need of its group definition. */
export interface ProbedDefinition<Row extends Keyed> {
  insertSql(rows: readonly Row[], createTime: Date): readonly string[];
  readonly probe: { readonly updateSql: string; row(): Row; removeSql(row: Row): string };
}

/** Makes the probes of the outbox's tables, and of the service's own when it has a group definition. */
export function createProbes<Row extends Keyed>(
  tables: OutboxTables,
  definition?: ProbedDefinition<Row>,
): Probes {
  const { logName, markerName } = tables;
  return {
    probes: [
      `UPDATE ${markerName} SET state = state WHERE transaction_id = ''`,
      `UPDATE ${logName} SET state = state WHERE tx_no = ''`,
      ...(definition ? [definition.probe.updateSql] : []),
    ],
    writeProbe() {
      const transactionId = uuidV7();
      const createTime = new Date();
      const row = definition?.probe.row();
      const txNo = row?.txNo ?? uuidV7();
      const rows = [{ txNo }];
      const group = { transactionId, createTime, nextRelayTime: createTime, relayCount: 0, rows };
      return [
        markerSql(tables, group),
        logRowsSql(tables, group),
        ...(definition && row ? definition.insertSql([row], createTime) : []),
        ...(definition && row ? [definition.probe.removeSql(row)] : []),
        `DELETE FROM ${logName} WHERE tx_no = ${textLiteral(txNo)}`,
        `DELETE FROM ${markerName} WHERE transaction_id = ${textLiteral(transactionId)}`,
      ];
    },
  };
}
