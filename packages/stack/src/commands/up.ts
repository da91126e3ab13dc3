import { withFileLock } from '../process/file-lock.js';
import { bringUp } from '../stack/bring-up.js';
import { foregroundProcess, type StackContext, type StackWish, stackToStart } from '../stack/context.js';
import { stackHome } from '../stack/home.js';
import { stackStatus } from '../stack/status.js';
import { partsTable, seconds, whereIsWhat } from '../stack/tables.js';
import { waitFor } from '../wait.js';
import { lineReport, sayToStdout } from './report.js';

/**
 * Starts what isn't running, in the background. While a foreground `start` runs, that process restarts ended parts, and
 * this command waits until all are ready.
 */
export async function upCommand(env: NodeJS.ProcessEnv, wish: StackWish): Promise<void> {
  const begin = performance.now();
  const home = stackHome(env);
  const { stack, foregroundPid } = await withFileLock(
    home.lockFile,
    async () => {
      const context = await stackToStart(env, sayToStdout, wish);
      const foreground = foregroundProcess(home);
      if (foreground === undefined) await startInBackground(context, env);
      return { stack: context, foregroundPid: foreground?.pid };
    },
    { onWait: (pid) => sayToStdout(`  waiting for another command (pid ${pid})`) },
  );
  if (foregroundPid !== undefined) await awaitForeground(stack, foregroundPid);
  const status = await stackStatus(stack.parts, stack.state, foregroundPid);
  sayToStdout(
    `up in ${seconds(performance.now() - begin)}\n\n${partsTable(status)}\n\n${whereIsWhat(status)}`,
  );
}

async function startInBackground(
  { parts, state, home }: StackContext,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  sayToStdout(`starting what isn't running, data and logs in ${home.root}`);
  await bringUp({ parts, state, env, start: { outlive: true }, report: lineReport });
}

async function awaitForeground({ parts }: StackContext, pid: number): Promise<void> {
  sayToStdout(
    `the stack runs in the foreground (pid ${pid}), which starts what ended; waiting until all are ready`,
  );
  const allReady = async (): Promise<boolean> => {
    const answers = await Promise.all(parts.map((part) => part.ready()));
    return answers.every(Boolean);
  };
  await waitFor(allReady, { timeoutMs: 180_000, intervalMs: 500, what: 'all parts are ready' });
}
