import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Logger, sleep } from '@txmsg/core';
import { parseServices, type Services, ServicesError } from '../domain/services.js';

/** Where services are listed. */
export interface ServicesFile {
  readonly path: string;
  readonly resultTopic: string;
  readonly logger: Logger;
}

/**
 * Reading a small file so often costs next to nothing, and works with mounted files of any kind, unlike watching it.
 */
const POLL_MS = 500;

/**
 * Reads the services that a file lists.
 *
 * @throws ServicesError when its content is wrong, or what reading the file throws
 */
export async function readServicesFile({ path, resultTopic }: ServicesFile): Promise<Services> {
  return parseServices(await readFile(path, 'utf8'), resultTopic);
}

/**
 * Reads the file again and again until the abort, and tells of each change. While it can't be read, or is wrong, the
 * list before stays; that is logged once per wrong content.
 *
 * @param first what it listed when it was read before
 */
export async function watchServicesFile(
  file: ServicesFile,
  first: Services,
  onChange: (services: Services) => void,
  signal: AbortSignal,
): Promise<void> {
  let last = first;
  const tellFault = createFaultLog(file);
  for (;;) {
    await sleep(POLL_MS, signal);
    if (signal.aborted) return;
    try {
      const services = await readServicesFile(file);
      tellFault(undefined);
      if (isDeepStrictEqual(services, last)) continue;
      onChange(services);
      last = services;
      file.logger.info(namesOf(services), 'the list of services has changed');
    } catch (error) {
      tellFault(error);
    }
  }
}

/** Logs a fault that differs from the last one, and the end of a fault. */
function createFaultLog({ path, logger }: ServicesFile): (error: unknown) => void {
  let told: string | undefined;
  return (error) => {
    const text = error === undefined ? undefined : String(error);
    if (text === told) return;
    told = text;
    if (text === undefined) logger.info({ path }, 'the list of services is right again');
    else {
      const faults = error instanceof ServicesError ? error.faults : [];
      logger.error({ err: error, path, faults }, 'the list of services is wrong; the one before stays');
    }
  };
}

function namesOf({ participants, consumers, topics }: Services) {
  return { participants: [...participants.keys()], consumers: [...consumers.keys()], topics };
}
