import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CrashEvent } from './history-event.js';
import { createHistoryFile, readJsonLines } from './history-file.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'txmsg-history-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('gives back what was written, also across the borders of its reads', async () => {
  const path = join(dir, 'history.jsonl');
  const events = Array.from({ length: 40 }, (_, i): CrashEvent => {
    return { type: 'crash', atMs: i, process: 'relay-0', detail: 'ü€'.repeat(20_000 + i) };
  });
  const file = createHistoryFile(path);
  for (const event of events) file.write(event);
  await file.close();
  expect([...readJsonLines(path)]).toEqual(events);
});

it('reads a last line without an end of line, and an empty file', () => {
  const path = join(dir, 'lines');
  writeFileSync(path, '{"a":1}\n{"a":2}');
  expect([...readJsonLines(path)]).toEqual([{ a: 1 }, { a: 2 }]);
  writeFileSync(path, '');
  expect([...readJsonLines(path)]).toEqual([]);
});

it('tells of a file that could not be written', async () => {
  const file = createHistoryFile(join(dir, 'missing', 'history.jsonl'));
  await expect(file.close()).rejects.toMatchObject({ code: 'ENOENT' });
});
