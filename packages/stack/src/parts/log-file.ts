import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { systemCodeOf } from '../errors.js';

const TAIL_BYTES = 16 * 1024;
const ROTATE_BYTES = 32 * 1024 * 1024;

/**
 * Moves a log that has grown big aside before it is opened again. The new name is `<path>.1`; an older file of that
 * name is replaced.
 */
export function rotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > ROTATE_BYTES) renameSync(path, `${path}.1`);
}

/** The last lines of a text file; empty when there is no such file. */
export function lastLines(path: string, count: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (fault) {
    if (systemCodeOf(fault) === 'ENOENT') return '';
    throw fault;
  }
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-count).join('\n');
  } finally {
    closeSync(file);
  }
}
