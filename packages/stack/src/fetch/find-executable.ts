import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of the names that is an executable file in the folders of PATH, then in `moreDirs`. */
export function findExecutable(
  names: readonly string[],
  env: NodeJS.ProcessEnv,
  moreDirs: readonly string[] = [],
): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const dirs = [...(env.PATH ?? '').split(delimiter).filter((dir) => dir !== ''), ...moreDirs];
  for (const name of names) {
    for (const dir of dirs) {
      const path = join(dir, name + suffix);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // missing, or not ours to run: look further
  }
}
