import { type Failpoint, FailpointError, sleep } from '@txmsg/core';
import { z } from 'zod';
import type { Setting } from './load-config.js';

const MESSAGE =
  'must be a list like a.point=exit,b.point=pause:500@2,c.point=error (exit, pause[:ms], error; @nth)';
const ENTRY = /^([a-z0-9.-]+)=(?:(exit|error)|pause(?::(\d{1,9}))?)(?:@([1-9]\d{0,8}))?$/;
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * A setting that arms failpoints: `name=action`, several separated by commas. `@n` picks the n-th passage.
 *
 * - `exit` kills the process as `kill -9` does.
 * - `pause` waits for the given number of milliseconds, or forever without a number.
 * - `error` throws FailpointError.
 */
export function failpoints(row: Omit<Setting<Failpoint[]>, 'schema'>): Setting<Failpoint[]> {
  const schema = z
    .string()
    .transform((value) => value.split(',').filter((entry) => entry !== ''))
    .refine((entries) => entries.every((entry) => ENTRY.test(entry)), MESSAGE)
    .transform((entries) => entries.map(parseEntry));
  return { ...row, schema };
}

function parseEntry(entry: string): Failpoint {
  const [, name = '', action, pauseMs, nth] = ENTRY.exec(entry) ?? [];
  return { name, act: actionOf(name, action, pauseMs), ...(nth === undefined ? {} : { nth: Number(nth) }) };
}

function actionOf(name: string, action: string | undefined, pauseMs: string | undefined): Failpoint['act'] {
  if (action === 'error') {
    return () => {
      throw new FailpointError(name);
    };
  }
  if (action === 'exit') return dieAtOnce;
  return async () => {
    await sleep(pauseMs === undefined ? LONGEST_WAIT_MS : Number(pauseMs));
  };
}

/** Like `kill -9`: no exit handler runs and nothing is flushed. The wait covers the moment until the signal arrives. */
async function dieAtOnce(): Promise<void> {
  process.kill(process.pid, 'SIGKILL');
  await sleep(LONGEST_WAIT_MS);
}
