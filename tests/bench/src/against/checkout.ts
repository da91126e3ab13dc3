import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** A checkout of this repository. */
export interface Checkout {
  readonly dir: string;
  /** Its commit, with `-dirty` when files differ from it; `unknown` without git. */
  readonly commit: string;
}

const SERVICES = ['order-svc', 'relay', 'stock-svc'].map((name) => `packages/${name}/dist/main.js`);
const run = promisify(execFile);

/**
 * Inspects a checkout.
 *
 * @throws Error when it is not installed and built
 */
export async function openCheckout(path: string): Promise<Checkout> {
  const dir = resolve(path);
  for (const file of [...SERVICES, testbedOf(dir)]) {
    await access(join(dir, file)).catch((cause: unknown) => {
      throw new Error(
        `${dir} is not a built checkout: ${file} is missing. In it, run: pnpm install && pnpm build`,
        { cause },
      );
    });
  }
  return { dir, commit: await commitOf(dir) };
}

/** Where a checkout has its testbed's program. Older checkouts have it among the packages. */
export function testbedOf(dir: string): string {
  // Built files prove nothing: an older layout's folders stay behind when a checkout moves on.
  const folder = existsSync(join(dir, 'tests/testbed/package.json')) ? 'tests' : 'packages';
  return `${folder}/testbed/dist/index.js`;
}

async function commitOf(dir: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', dir, 'describe', '--always', '--dirty', '--exclude=*']);
    return stdout.trim();
  } catch {
    return 'unknown'; // an unpacked archive, or no git here: the figures need neither
  }
}
