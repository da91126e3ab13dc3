import type { Connection } from 'mysql2';
import { mysqlErrorNumber } from './errors.js';
import type { SessionStatement } from './session-settings.js';

/** The server refused a statement that begins every session, so none of our statements may run on that session. */
export class SessionRefusedError extends Error {
  /** The driver's mark of an error after which a connection is unusable. The error counts as an outage. */
  readonly fatal = true;

  constructor(statement: string, cause: unknown) {
    super(`the server refused ${statement}`, { cause });
    this.name = 'SessionRefusedError';
  }
}

/**
 * Runs the statements that begin a session.
 *
 * @throws SessionRefusedError when the server answers one with an error; the driver's error when there is no answer
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
