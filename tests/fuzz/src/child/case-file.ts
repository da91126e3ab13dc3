import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';

/** Number of the case, and bytes of its input. */
const HEADER_BYTES = 16;

/** Writes each case before it runs, so the case is known when the process hangs or dies. */
export function openCaseFile(path: string): { write(input: unknown): void } {
  const fd = openSync(path, 'w');
  let cases = 0;
  return {
    write(input) {
      const bytes = serialize(input);
      const record = Buffer.alloc(HEADER_BYTES + bytes.length);
      cases += 1;
      record.writeDoubleLE(cases, 0);
      record.writeDoubleLE(bytes.length, 8);
      record.set(bytes, HEADER_BYTES);
      writeSync(fd, record, 0, record.length, 0);
    },
  };
}

/** How many cases began. */
export function readCaseCount(path: string): number {
  return readAt(path, 0, HEADER_BYTES).readDoubleLE(0);
}

/** The last case that began, v8 serialized. Undefined when there was none. */
export function readLastCase(path: string): Uint8Array | undefined {
  const length = readAt(path, 0, HEADER_BYTES).readDoubleLE(8);
  return length === 0 ? undefined : readAt(path, HEADER_BYTES, length);
}

/** A case for people. */
export function deserializeCase(bytes: Uint8Array): unknown {
  return deserialize(bytes);
}

/** Zeros beyond the file's end. */
function readAt(path: string, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, buffer, 0, length, position);
  } finally {
    closeSync(fd);
  }
  return buffer;
}
