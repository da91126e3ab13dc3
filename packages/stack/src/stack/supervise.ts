import { sleep } from '@txmsg/core';
import { messageOf } from '../errors.js';
import type { Part } from '../parts/part.js';
import type { StartOptions } from '../parts/part-spec.js';
import { aborted } from '../wait.js';
import { seconds } from './tables.js';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** A part that lived this long has recovered: its next restart begins with the first delay again. */
const RECOVERED_MS = 60_000;

/** Starts a part again whenever it ends, with a growing delay, until the signal. */
export async function supervise(
  part: Part,
  start: StartOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let delayMs = FIRST_DELAY_MS;
  while (!signal.aborted) {
    const since = performance.now();
    await Promise.race([part.exited(), aborted(signal)]);
    if (signal.aborted) return;
    if (performance.now() - since > RECOVERED_MS) delayMs = FIRST_DELAY_MS;
    say(
      `${part.spec.name} ended (${part.lastExit}); starting it again in ${seconds(delayMs)} (log: ${part.spec.logFile})`,
    );
    await sleep(delayMs, signal);
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    if (!signal.aborted) await startAgain(part, start, say, signal);
  }
}

async function startAgain(
  part: Part,
  start: StartOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const begin = performance.now();
  try {
    await part.launch(start);
    await part.waitReady(signal);
    say(`${part.spec.name} is ready again after ${seconds(performance.now() - begin)}`);
  } catch (fault) {
    if (!signal.aborted) say(`${part.spec.name} could not be started: ${messageOf(fault)}`);
  }
}
