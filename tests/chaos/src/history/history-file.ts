import { closeSync, createWriteStream, openSync, readSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import type { HistoryEvent } from './history-event.js';

/** Where events are written down. */
export interface HistoryWriter {
  write(event: HistoryEvent): void;
  /** Waits until all events are in the file. Throws the first failure to write. Idempotent. */
  close(): Promise<void>;
}

/** Opens a history file with one JSON object per line. Replaces an existing one. */
export function createHistoryFile(path: string): HistoryWriter {
  const stream = createWriteStream(path);
  const done = finished(stream);
  // `close` throws it; without a listener it would end the process.
  done.catch(() => {});
  return {
    write: (event) => void stream.write(`${JSON.stringify(event)}\n`),
    async close() {
      if (!stream.writableEnded) stream.end();
      await done;
    },
  };
}

const CHUNK_BYTES = 1 << 20;

/** Reads a file of JSON lines, one line at a time, so the memory doesn't grow with the file. */
export function* readJsonLines<T>(path: string): Generator<T> {
  const file = openSync(path, 'r');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, size))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as T;
    }
    if (rest !== '') yield JSON.parse(rest) as T;
  } finally {
    closeSync(file);
  }
}
