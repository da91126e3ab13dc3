import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openCheckout } from './checkout.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

it('opens a built checkout and names its commit', async () => {
  const { dir, commit } = await openCheckout(ROOT);
  expect(`${dir}/`).toBe(ROOT);
  expect(commit).toMatch(/^([0-9a-f]{7,}(-dirty)?|unknown)$/);
});

it('says what to do about one that is not built', async () => {
  await expect(openCheckout(tmpdir())).rejects.toThrow(/no built checkout: .*pnpm build/);
});
