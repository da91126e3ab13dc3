import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sleep } from '@txmsg/core';
import { messageOf, StackError } from '../errors.js';

/** One file to fetch. */
export interface Download {
  readonly url: string;
  readonly sha256: string;
  readonly destination: string;
  /** Called with the size of each piece, and with a negative sum when an attempt fails. */
  readonly onBytes?: (bytes: number) => void;
}

const ATTEMPTS = 4;
const STALL_MS = 30_000;

/**
 * Fetches a file to `destination`. The file appears there only whole and verified, so a reader never sees a part of it,
 * and two processes may fetch the same file at once. Transport faults are tried again.
 *
 * Throws DOWNLOAD_FAILED, or CHECKSUM_MISMATCH when the content differs from the pinned one.
 */
export async function download(file: Download): Promise<void> {
  await mkdir(dirname(file.destination), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchOnce(file);
      return;
    } catch (fault) {
      if (fault instanceof StackError && fault.code === 'CHECKSUM_MISMATCH') throw fault;
      if (attempt === ATTEMPTS) {
        throw new StackError('DOWNLOAD_FAILED', `${file.url}: ${causeOf(fault)}`, { cause: fault });
      }
      await sleep(500 * 2 ** attempt);
    }
  }
}

async function fetchOnce(file: Download): Promise<void> {
  const temporary = `${file.destination}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new Error(`nothing came for ${STALL_MS} ms`)), STALL_MS);
  let received = 0;
  try {
    const response = await fetch(file.url, { signal: stall.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    const hash = createHash('sha256');
    const source = Readable.fromWeb(response.body);
    source.on('data', (piece: Buffer) => {
      timer.refresh();
      hash.update(piece);
      received += piece.length;
      file.onBytes?.(piece.length);
    });
    await pipeline(source, createWriteStream(temporary));
    const actual = hash.digest('hex');
    if (actual !== file.sha256) {
      throw new StackError('CHECKSUM_MISMATCH', `${file.url} has sha256 ${actual}, expected ${file.sha256}`);
    }
    await rename(temporary, file.destination);
  } catch (fault) {
    file.onBytes?.(-received);
    throw fault;
  } finally {
    clearTimeout(timer);
    await rm(temporary, { force: true });
  }
}

function causeOf(fault: unknown): string {
  const cause = fault instanceof Error ? fault.cause : undefined;
  return cause === undefined ? messageOf(fault) : `${messageOf(fault)} (${messageOf(cause)})`;
}
