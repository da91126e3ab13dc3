import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orphanGuard } from '../process/guard.js';

/** A temporary folder. `remove` removes it, and so does the end of this process. */
export interface TestDir {
  readonly path: string;
  remove(): void;
}

/** Makes an empty temporary folder. */
export function testDir(purpose: string): TestDir {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `txmsg-${purpose}-`)));
  orphanGuard().watchDir(path);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
      orphanGuard().forgetDir(path);
    },
  };
}
