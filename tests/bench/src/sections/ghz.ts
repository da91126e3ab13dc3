import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchRun } from '../bench-run.js';
import type { LoadResult } from '../load/jobs.js';
import { callFigures, measureLoad } from './measure-orders.js';
import type { Cell } from './run-rounds.js';

const PROTOSET = fileURLToPath(new URL('../../../../proto/released.binpb', import.meta.url));
const CALLERS = [256, 1_024] as const;
const MARGIN_MS = 60_000;
const runProgram = promisify(execFile);

/** The independent load generator: TXMSG_GHZ, or `ghz` from PATH. Undefined when there is none. */
export function findGhz(env: NodeJS.ProcessEnv): string | undefined {
  if (env.TXMSG_GHZ) return env.TXMSG_GHZ;
  const places = (env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'ghz'));
  return places.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // accessSync's way to say "no"
  }
}

/** The same load as our own generator's, by ghz: on the system and on the empty method. */
export function ghzCells(run: BenchRun, ghz: string): Cell[] {
  const { cellMs, limitMs } = run.plan;
  const address = run.main.addresses[0] ?? '';
  return CALLERS.flatMap((callers) => [
    {
      name: `ghz empty ${callers}`,
      measure: async () => callFigures(await runGhz(ghz, run.empty.address, callers, limitMs)),
    },
    {
      name: `ghz hot ${callers}`,
      measure: () => measureLoad(run, run.main, [], () => runGhz(ghz, address, callers, cellMs)),
    },
  ]);
}

/** The part of ghz's JSON report that is read. */
interface GhzReport {
  readonly count: number;
  /** Nanoseconds. */
  readonly total: number;
  readonly errorDistribution?: Readonly<Record<string, number>>;
  /** Nanoseconds. */
  readonly details: readonly { readonly latency: number; readonly error: string }[];
}

async function runGhz(
  ghz: string,
  address: string,
  callers: number,
  durationMs: number,
): Promise<LoadResult> {
  const args = [
    '--insecure',
    `--protoset=${PROTOSET}`,
    '--call=txmsg.order.v1.OrderService/SubmitOrder',
    '--data={"product_id":"1","pay_count":1}',
    `--concurrency=${callers}`,
    `--duration=${durationMs}ms`,
    '--duration-stop=wait',
    '--format=json',
    address,
  ];
  const { stdout } = await runProgram(ghz, args, {
    maxBuffer: 512 * 1024 * 1024,
    timeout: durationMs + MARGIN_MS,
  });
  return readGhzReport(JSON.parse(stdout) as GhzReport);
}

/** A ghz report in our terms. */
export function readGhzReport({ total, details, errorDistribution = {} }: GhzReport): LoadResult {
  const answered = details.filter(({ error }) => error === '');
  const [firstError] = Object.keys(errorDistribution);
  const counts = {
    answered: answered.length,
    failed: details.length - answered.length,
    elapsedMs: total / 1e6,
    latenciesMs: Float64Array.from(answered, ({ latency }) => latency / 1e6),
  };
  return firstError === undefined ? counts : { ...counts, firstError };
}
