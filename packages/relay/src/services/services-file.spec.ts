import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@txmsg/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Services } from '../domain/services.js';
import { readServicesFile, watchServicesFile } from './services-file.js';

vi.mock(import('node:fs/promises'), async (importOriginal) => {
  const original = await importOriginal();
  return { ...original, readFile: vi.fn(original.readFile) as typeof original.readFile };
});

const list = (...topics: string[]) => JSON.stringify({ participants: {}, consumers: {}, topics });
const LONG = { timeout: 10_000, interval: 20 };

describe('a file of services', () => {
  let folder = '';
  let path = '';
  const told: [string, object, string][] = [];
  const seen: (readonly string[])[] = [];
  let fail: Error | undefined;
  let stop: AbortController;
  let watching: Promise<void>;

  const note = (level: string) => (fields: object, message: string) =>
    void told.push([level, fields, message]);
  const logger = { info: note('info'), error: note('error') } as unknown as Logger;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'services-'));
    path = join(folder, 'services.json');
    await writeFile(path, list('a'));
    told.length = 0;
    seen.length = 0;
    stop = new AbortController();
    const file = { path, resultTopic: 'results', logger };
    const first = await readServicesFile(file);
    const onChange = ({ topics }: Services) => {
      if (fail) throw fail;
      seen.push(topics);
    };
    watching = watchServicesFile(file, first, onChange, stop.signal);
  });

  afterEach(async () => {
    stop.abort();
    await watching;
    await rm(folder, { recursive: true });
  });

  it('is read again when it changes, also when another file takes its place', async () => {
    await writeFile(path, list('b'));
    await vi.waitFor(() => expect(seen).toEqual([['b']]), LONG);
    await writeFile(join(folder, 'next'), list('c'));
    await rename(join(folder, 'next'), path);
    await vi.waitFor(() => expect(seen).toEqual([['b'], ['c']]), LONG);
  });

  it('counts for nothing while it is wrong or gone, which is told once', async () => {
    await writeFile(path, '{"topics":');
    await vi.waitFor(() => expect(told).toHaveLength(1), LONG);
    expect(told[0]).toMatchObject(['error', { path, faults: ['is no JSON'] }, expect.any(String)]);
    vi.mocked(readFile).mockClear();
    await vi.waitFor(() => expect(readFile).toHaveBeenCalledTimes(3), LONG);
    expect(told).toHaveLength(1);
    await rm(path);
    await vi.waitFor(() => expect(told).toHaveLength(2), LONG);
    await writeFile(path, list('results'));
    await vi.waitFor(() => expect(told).toHaveLength(3), LONG);
    expect(seen).toEqual([]);
    await writeFile(path, list('a'));
    await vi.waitFor(
      () => expect(told.map(([level]) => level)).toEqual(['error', 'error', 'error', 'info']),
      LONG,
    );
    expect(seen).toEqual([]);
    await writeFile(path, list('b'));
    await vi.waitFor(() => expect(seen).toEqual([['b']]), LONG);
  });

  it('is taken again when it could not be followed', async () => {
    fail = new Error('one of them can not be opened');
    await writeFile(path, list('b'));
    await vi.waitFor(() => expect(told).toHaveLength(1), LONG);
    fail = undefined;
    await vi.waitFor(() => expect(seen).toEqual([['b']]), LONG);
  });

  it('is refused at the start when it is wrong', async () => {
    await writeFile(path, list('results'));
    const file = { path, resultTopic: 'results', logger };
    await expect(readServicesFile(file)).rejects.toMatchObject({ name: 'ServicesError' });
    await expect(readServicesFile({ ...file, path: join(folder, 'none') })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
