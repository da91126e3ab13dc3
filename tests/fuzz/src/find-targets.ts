import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A built target. */
export interface FoundTarget {
  /** Its package and the name of its file without `.fuzz.js`, such as `relay/handle`. */
  readonly name: string;
  /** Path of the module that exports the target as `target`. */
  readonly file: string;
}

const ENDING = '.fuzz.js';

/** All built targets of a package, by name. */
export function findTargets(packageFolder: URL): FoundTarget[] {
  const root = fileURLToPath(packageFolder);
  const dist = join(root, 'dist');
  return globSync(`**/*${ENDING}`, { cwd: dist })
    .map((path) => ({ name: `${basename(root)}/${basename(path, ENDING)}`, file: join(dist, path) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
