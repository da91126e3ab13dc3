import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { FuzzTarget } from '../fuzz-target.js';
import { openCaseFile } from './case-file.js';
import { peakResidentMib } from './peak-memory.js';
import type { ChildAnswer, ChildJob } from './protocol.js';

/** The CPU limit of shrinking. Afterwards the smallest case found so far is reported. */
const SHRINK_CPU_MS = 20_000;

process.once('disconnect', () => process.exit(1));
const [job] = (await once(process, 'message')) as [ChildJob];
answer(await work(job));

async function work({ file, cases, seed, bounds, caseFile, replay }: ChildJob): Promise<ChildAnswer> {
  const { target } = (await import(pathToFileURL(file).href)) as { readonly target: FuzzTarget };
  const record = openCaseFile(caseFile);
  let failedAtMs: number | undefined;
  const around = async (input: unknown, check: () => Promise<void>): Promise<void> => {
    if (failedAtMs !== undefined && cpuMs() - failedAtMs > SHRINK_CPU_MS) return;
    record.write(input);
    const start = cpuMs();
    try {
      await check();
      const used = cpuMs() - start;
      if (used > bounds.caseCpuMs) throw new Error(`the case took ${used.toFixed(0)} ms of CPU`);
    } catch (error) {
      failedAtMs ??= cpuMs();
      throw error;
    }
    const peak = peakResidentMib();
    // The peak never falls, so there is nothing to shrink.
    if (peak > bounds.residentMib) answer(failed(input, `the process has used ${peak.toFixed(0)} MiB`));
  };
  if (replay) {
    const input: unknown = deserialize(replay);
    try {
      await around(input, () => target.replay(input));
    } catch (error) {
      return failed(input, error);
    }
    return { kind: 'passed', cases: 1, peakMib: peakResidentMib() };
  }
  const failure = await target.run({ cases, seed, around });
  if (failure) return failed(failure.input, failure.error);
  return { kind: 'passed', cases, peakMib: peakResidentMib() };
}

function failed(input: unknown, error: unknown): ChildAnswer {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'failed', why, input: serialize(input) };
}

/** Sends the answer and ends. Nothing after it counts. */
function answer(message: ChildAnswer): void {
  process.send?.(message, () => process.exit(0));
}

/** CPU of all threads, including the garbage collector's. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
