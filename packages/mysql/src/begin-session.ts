import type { Connection } from 'mysql2';
import { mysqlErrorNumber } from './errors.js';
import type { SessionStatement } from './session-settings.js';

/** The server refused a statement that begins every session: no statement of ours may run on it. */
export class SessionRefusedError extends Error {
  /** As the driver marks an error after which a connection can't be used: it counts as an outage. */
  readonly fatal = true;

  constructor(statement: string, cause: unknown) {
    super(`the server refused ${statement}`, { cause });
    this.name = 'SessionRefusedError';
  }
}

/**
 * Runs the statements that begin a session.
 *
 * @throws SessionRefusedError when the server answers one with an error; what the driver throws when there is no answer
 */
export async function beginSession(
  connection: Connection,
  statements: readonly SessionStatement[],
): Promise<void> {
  for (const { sql, optional } of statements) {
    try {
      await connection.promise().query(sql);
    } catch (error) {
      if (mysqlErrorNumber(error) === undefined) throw error;
      if (!optional) throw new SessionRefusedError(sql, error);
    }
  }
}
