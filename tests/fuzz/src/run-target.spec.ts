import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// The built package: a target runs in a process of its own, which loads built files.
import { FuzzError, type FuzzOptions, findTargets, runTarget } from '@txmsg/fuzz';
import { afterAll, describe, expect, it } from 'vitest';
import { BOUNDS } from './bounds.js';

const targets = findTargets(new URL('../', import.meta.url));
const failureDir = mkdtempSync(join(tmpdir(), 'txmsg-fuzz-spec-'));
afterAll(() => rmSync(failureDir, { recursive: true }));

function run(name: string, options: Partial<FuzzOptions> = {}) {
  const target = targets.find((one) => one.name === `fuzz/${name}`);
  if (!target) throw new Error(`no target is called ${name}`);
  return runTarget(target, { cases: 100, failureDir, ...options });
}

async function failureOf(name: string, options?: Partial<FuzzOptions>) {
  const error = await run(name, options).catch((fault: unknown) => fault);
  if (!(error instanceof FuzzError)) throw error;
  return { error, found: JSON.parse(readFileSync(error.file, 'utf8')) };
}

describe('runTarget', () => {
  it('runs all cases', async () => {
    expect(await run('passes', { cases: 5_000 })).toMatchObject({ cases: 5_000 });
  });

  it('makes a failing case small, writes it down, and runs it again', async () => {
    const { error, found } = await failureOf('fails', { seed: 5 });
    expect(error.message).toMatch(/^fuzz\/fails, seed 5: .*1000 is too large/s);
    expect(found).toMatchObject({ name: 'fuzz/fails', seed: 5, input: '1000' });
    const replay = Buffer.from(found.replay, 'base64');
    expect((await failureOf('fails', { replay })).found.why).toContain('1000 is too large');
  });

  it('gives the same cases for the same seed', async () => {
    const found = [];
    for (const seed of [1, 1]) found.push((await failureOf('fails', { seed })).found.why);
    expect(found[1]).toBe(found[0]);
  });

  it('refuses inputs of which too few reach what they are for', async () => {
    const { found } = await failureOf('misses', { cases: 2_000 });
    expect(found.why).toMatch(/too few cases were read: .*"refused":/);
  });

  it('ends a case that hangs, and writes it down', async () => {
    const { found } = await failureOf('hangs', { bounds: { ...BOUNDS, hangMs: 2_000 } });
    expect(found.why).toMatch(/no end after 2000 ms/);
    expect(found.replay).toBeTypeOf('string');
  });

  it('refuses a case that takes too much CPU', async () => {
    const { found } = await failureOf('crawls', { bounds: { ...BOUNDS, caseCpuMs: 20 } });
    expect(found.why).toMatch(/the case took \d+ ms of CPU/);
  });

  it('survives a heap that is full, and writes the case down', async () => {
    const { found } = await failureOf('fills-the-heap');
    expect(found.why).toMatch(/the process ended.*heap/s);
    expect(found.replay).toBeTypeOf('string');
  });

  it('refuses memory outside the heap', async () => {
    const { found } = await failureOf('fills-the-memory');
    expect(found.why).toMatch(/the process has used \d+ MiB/);
  });

  it('leaves no file of a run that passed', async () => {
    await run('passes', { seed: 77 });
    expect(existsSync(join(failureDir, 'fuzz-passes-77.json'))).toBe(false);
  });
});
