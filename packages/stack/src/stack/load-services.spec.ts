import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadService } from './load-services.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'txmsg-spec-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

function writeManifest(exports: object): void {
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ type: 'module', exports }));
}

it('takes the descriptor that the package in a folder exports', async () => {
  mkdirSync(join(dir, 'dist'));
  writeManifest({ './descriptor': { types: './dist/it.d.ts', default: './dist/it.js' } });
  await expect(loadService(dir)).rejects.toThrow('build');
  writeFileSync(join(dir, 'dist/it.js'), "export const descriptor = { name: 'mine' };");
  expect(await loadService(dir)).toEqual({ name: 'mine' });
});

it('says what is missing', async () => {
  await expect(loadService(dir)).rejects.toThrow('no package.json');
  writeManifest({ '.': './dist/index.js' });
  await expect(loadService(dir)).rejects.toThrow('exports no "./descriptor"');
  writeManifest({ './descriptor': './it.js' });
  writeFileSync(join(dir, 'it.js'), 'export {};');
  await expect(loadService(dir)).rejects.toThrow('exports no "descriptor"');
});
