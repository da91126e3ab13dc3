import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withFileLock } from '../process/file-lock.js';
import type { Say } from './progress.js';

/**
 * Creates a folder of the cache exactly once. `fill` works in a temporary folder beside it, which gets the final name
 * when it is complete. Another process that wants the same folder waits for it.
 */
export async function installDir(
  directory: string,
  fill: (temporary: string) => Promise<void>,
  say: Say,
): Promise<void> {
  if (existsSync(directory)) return;
  await mkdir(dirname(directory), { recursive: true });
  const onWait = (pid: number): void => say(`  waiting for process ${pid}, which makes the same`);
  await withFileLock(
    `${directory}.lock`,
    async () => {
      if (existsSync(directory)) return;
      await removeLeftOvers(directory);
      const temporary = await mkdtemp(`${directory}.tmp-`);
      try {
        await fill(temporary);
        await rename(temporary, directory);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    },
    { onWait },
  );
}

/** Remains of a killed run. Called under the lock, so nobody uses them. */
async function removeLeftOvers(directory: string): Promise<void> {
  const parent = dirname(directory);
  const names = (await readdir(parent)).filter((name) => name.startsWith(`${basename(directory)}.tmp-`));
  await Promise.all(names.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}
