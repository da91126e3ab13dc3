import type { TestProject } from 'vitest/node';
import { startTestDatabase } from './test-database.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** host:port of the database server of this run. Every spec file creates its own databases there. */
    databaseAddress: string;
  }
}

/** A `globalSetup` of vitest: one database server for the run, at `inject('databaseAddress')`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startTestDatabase();
  project.provide('databaseAddress', `127.0.0.1:${database.port}`);
  return () => database.stop();
}
