import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One migration file of drizzle-kit. */
export interface Migration {
  /** The file's name without `.sql`, at most 64 characters. */
  readonly tag: string;
  /** Milliseconds since the epoch, from the journal. It orders the migrations and identifies a finished one. */
  readonly createdAt: number;
  /** SHA-256 of the file in hex. */
  readonly hash: string;
  readonly statements: readonly string[];
}

const BREAKPOINT = '--> statement-breakpoint';

/** Reads the journal of a folder made by drizzle-kit, and its files, oldest first. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const journal = JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8')) as {
    readonly entries: readonly { readonly when: number; readonly tag: string }[];
  };
  const migrations = journal.entries.map(async ({ when, tag }): Promise<Migration> => {
    const text = await readFile(join(folder, `${tag}.sql`), 'utf8');
    return {
      tag,
      createdAt: when,
      hash: createHash('sha256').update(text).digest('hex'),
      statements: text
        .split(BREAKPOINT)
        .map((statement) => statement.trim())
        .filter((statement) => statement !== ''),
    };
  });
  return (await Promise.all(migrations)).sort((a, b) => a.createdAt - b.createdAt);
}
