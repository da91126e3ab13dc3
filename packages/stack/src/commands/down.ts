import { rmSync } from 'node:fs';
import { withFileLock } from '../process/file-lock.js';
import { signalProcess } from '../process/identity.js';
import { existingStack, foregroundProcess } from '../stack/context.js';
import { stackHome } from '../stack/home.js';
import { stopParts } from '../stack/stop-parts.js';
import { waitFor } from '../wait.js';
import { sayToStdout } from './report.js';

/** Stops the stack, however it was started. Says so when nothing runs. */
export async function downCommand(env: NodeJS.ProcessEnv): Promise<void> {
  let stopped = await stopForeground(env);
  await withFileLock(stackHome(env).lockFile, async () => {
    const stack = existingStack(env, sayToStdout);
    if (stack === undefined) return;
    await stopParts(stack.parts, stack.state, (part) => {
      stopped = true;
      sayToStdout(`  ${part.spec.name} stopped`);
    });
  });
  sayToStdout(stopped ? 'down' : 'nothing was running');
}

/** Stops the stack and removes its data, logs and ports. */
export async function resetCommand(env: NodeJS.ProcessEnv): Promise<void> {
  await downCommand(env);
  const { removable, root } = stackHome(env);
  for (const path of removable) rmSync(path, { recursive: true, force: true });
  sayToStdout(`data removed from ${root}`);
}

/** Lets the foreground process stop what it started, because only that process knows what it was doing. */
async function stopForeground(env: NodeJS.ProcessEnv): Promise<boolean> {
  const home = stackHome(env);
  const foreground = foregroundProcess(home);
  if (foreground === undefined) return false;
  sayToStdout(`  stopping the foreground process (pid ${foreground.pid})`);
  signalProcess(foreground, 'SIGTERM');
  const gone = (): boolean => foregroundProcess(home) === undefined;
  await waitFor(gone, { timeoutMs: 90_000, intervalMs: 100, what: `process ${foreground.pid} has ended` });
  return true;
}
