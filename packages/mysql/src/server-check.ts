import type { Database } from './database.js';
import type { MySqlTable } from './drizzle.js';
import { readServerVariables, serverIdentity, variableFaults } from './server-variables.js';
import { tableFaults } from './table-faults.js';
import { UnfitServerError } from './unfit-server.js';

/** Checks whether a server and its tables can be used. */
export interface ServerCheck {
  /**
   * Reads the server's settings, and the tables when this server hasn't passed yet. It is cheap enough for every ping.
   * Another server behind the same address is checked as a new one.
   *
   * @throws UnfitServerError when our data would be lost or our statements would fail there
   */
  run(): Promise<void>;
  /** Like `run`, and reports faults that differ from those of the previous check. For pings. */
  runAndTell(): Promise<void>;
}

/**
 * Creates the check of a database that has the tables of `schema`. `runAndTell` reports to `onFaults`.
 *
 * @param optional columns as `table.column` that a later migration adds; the schema before it passes, too
 */
export function createServerCheck(
  database: Database,
  schema: readonly MySqlTable[],
  onFaults: (error: UnfitServerError) => void,
  optional: readonly string[] = [],
): ServerCheck {
  const optionalColumns = new Set(optional);
  let passed: string | undefined;
  let told: string | undefined;
  const run = () =>
    database.run(async (db) => {
      const variables = await readServerVariables(db);
      const server = serverIdentity(variables);
      const ofTables = passed === server ? [] : await tableFaults(db, schema, optionalColumns);
      passed = ofTables.length === 0 ? server : undefined;
      const faults = [...variableFaults(variables), ...ofTables];
      if (faults.length > 0) throw new UnfitServerError(faults);
    });
  return {
    run,
    async runAndTell() {
      try {
        await run();
        told = undefined;
      } catch (error) {
        if (error instanceof UnfitServerError && error.message !== told) {
          told = error.message;
          onFaults(error);
        }
        throw error;
      }
    },
  };
}
