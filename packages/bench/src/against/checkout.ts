import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** A checkout of this repository. */
export interface Checkout {
  readonly dir: string;
  /** Its commit, with `-dirty` when files differ from it; `unknown` without git. */
  readonly commit: string;
}

const BUILT = [
  'order-svc/dist/main.js',
  'relay/dist/main.js',
  'stock-svc/dist/main.js',
  'testbed/dist/index.js',
];
const run = promisify(execFile);

/**
 * Looks at a checkout.
 *
 * @throws Error when it is not installed and built
 */
export async function openCheckout(path: string): Promise<Checkout> {
  const dir = resolve(path);
  for (const file of BUILT) {
    await access(join(dir, 'packages', file)).catch((cause: unknown) => {
      throw new Error(
        `${dir} is no built checkout: packages/${file} is missing. In it, run: pnpm install && pnpm build`,
        { cause },
      );
    });
  }
  return { dir, commit: await commitOf(dir) };
}

async function commitOf(dir: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', dir, 'describe', '--always', '--dirty', '--exclude=*']);
    return stdout.trim();
  } catch {
    return 'unknown'; // an unpacked archive, or no git here: the figures need neither
  }
}
