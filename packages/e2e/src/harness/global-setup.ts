import { startTestDatabase } from '@txmsg/stack/testing';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** host:port of the database server that files share which don't break it. */
    databaseAddress: string;
  }
}

/** Starts the database server that is shared by the files of the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startTestDatabase();
  project.provide('databaseAddress', `127.0.0.1:${database.port}`);
  return () => database.stop();
}
