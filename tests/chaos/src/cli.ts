import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { type ChaosOptions, parseChaosOptions, UsageError } from './chaos-options.js';
import { formatReport } from './report/format-report.js';
import { runChaos } from './run-chaos.js';

/** Runs the command; returns the exit code: 0 passed, 1 failed, 2 wrong usage. */
async function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  let options: ChaosOptions;
  try {
    options = parseChaosOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  // It reports broken connections, of which there are many here.
  setLogVerbosity(logVerbosity.NONE);
  const started = performance.now();
  const say = (line: string) => {
    const seconds = ((performance.now() - started) / 1_000).toFixed(0);
    process.stdout.write(`[${seconds.padStart(4)} s] ${line}\n`);
  };
  say(`seed ${options.seed}, ${options.minutes} minutes`);
  const dir = join(homeDir(env), 'chaos', String(options.seed));
  const report = await runChaos(options, { dir, say }, interrupted());
  process.stdout.write(`\n${formatReport(report)}\n`);
  if (!report.pass) process.stdout.write(`history and databases: ${dir}\n`);
  return report.pass ? 0 : 1;
}

/** Aborted by Ctrl-C or SIGTERM: the run ends early and in order. A second one ends the process. */
function interrupted(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  return stopping.signal;
}

/** The folder of the local stack, so one ignore rule covers both. */
function homeDir(env: NodeJS.ProcessEnv): string {
  return env.TXMSG_HOME || join(fileURLToPath(new URL('../../../', import.meta.url)), '.txmsg');
}

process.exitCode = await runCli(process.argv.slice(2), process.env);
