import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openCheckout, testbedOf } from './checkout.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

it('opens a built checkout and names its commit', async () => {
  const { dir, commit } = await openCheckout(ROOT);
  expect(`${dir}/`).toBe(ROOT);
  expect(commit).toMatch(/^([0-9a-f]{7,}(-dirty)?|unknown)$/);
});

it('says what to do about one that is not built', async () => {
  await expect(openCheckout(tmpdir())).rejects.toThrow(/not a built checkout: .*pnpm build/);
});

it.each(['tests', 'packages'])('knows the testbed of a checkout that has it in %s', (folder) => {
  const dir = mkdtempSync(join(tmpdir(), 'checkout-'));
  mkdirSync(join(dir, folder, 'testbed'), { recursive: true });
  writeFileSync(join(dir, folder, 'testbed/package.json'), '{}');
  expect(testbedOf(dir)).toBe(`${folder}/testbed/dist/index.js`);
  rmSync(dir, { recursive: true });
});
