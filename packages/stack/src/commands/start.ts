import { StackError } from '../errors.js';
import type { StartOptions } from '../parts/part-spec.js';
import { withFileLock } from '../process/file-lock.js';
import { identify } from '../process/identity.js';
import { removePidFile, writePidFile } from '../process/pid-file.js';
import { bringUp } from '../stack/bring-up.js';
import { foregroundProcess, type StackContext, type StackWish, stackToStart } from '../stack/context.js';
import { stackHome } from '../stack/home.js';
import { stackStatus } from '../stack/status.js';
import { stopParts } from '../stack/stop-parts.js';
import { supervise } from '../stack/supervise.js';
import { partsTable, seconds, whereIsWhat } from '../stack/tables.js';
import { lineReport, sayToStdout } from './report.js';
import { stopSignal } from './stop-signal.js';

const PART_START: StartOptions = { outlive: false, orphanGraceMs: 5_000 };

/**
 * Runs the whole stack until it is told to stop, and restarts parts that end by themselves. Throws ALREADY_RUNNING when
 * a part of this stack runs already.
 */
export async function startCommand(env: NodeJS.ProcessEnv, wish: StackWish): Promise<void> {
  const stop = stopSignal();
  const home = stackHome(env);
  let stack: StackContext | undefined;
  try {
    stack = await withFileLock(home.lockFile, () => claim(env, wish), {
      onWait: (pid) => sayToStdout(`  waiting for another command (pid ${pid})`),
    });
    await run(stack, env, stop.signal);
  } catch (fault) {
    if (!stop.signal.aborted) throw fault;
  } finally {
    if (stack !== undefined) {
      if (stop.signal.aborted) sayToStdout('\nstopping (RocketMQ takes some seconds)');
      await stopParts(stack.parts, stack.state, (part) => sayToStdout(`  ${part.spec.name} stopped`));
      removePidFile(home.supervisorFile);
    }
    stop.release();
  }
  // Reached only after a stop: a download in progress must not keep the process alive.
  process.exit(0);
}

/** Makes this process the one that runs the stack. The caller holds the lock meanwhile. */
async function claim(env: NodeJS.ProcessEnv, wish: StackWish): Promise<StackContext> {
  const home = stackHome(env);
  const foreground = foregroundProcess(home);
  if (foreground !== undefined) {
    throw new StackError(
      'ALREADY_RUNNING',
      `This stack is already running in the foreground (pid ${foreground.pid}). See \`npm run status\`; stop it with Ctrl-C there or \`npm run down\`.`,
    );
  }
  const stack = await stackToStart(env, sayToStdout, wish);
  const running = stack.parts.filter((part) => part.running).map((part) => part.spec.name);
  if (running.length > 0) {
    throw new StackError(
      'ALREADY_RUNNING',
      `This stack is already running in the background (${running.join(', ')}). See \`npm run status\`; stop it with \`npm run down\`.`,
    );
  }
  const self = identify(process.pid);
  if (self !== undefined) writePidFile(home.supervisorFile, self);
  return stack;
}

async function run(stack: StackContext, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const { parts, state, home } = stack;
  const begin = performance.now();
  sayToStdout(`starting txmsg, data and logs in ${home.root}`);
  await bringUp({ parts, state, env, start: PART_START, report: lineReport, signal });
  const status = await stackStatus(parts, state, process.pid);
  sayToStdout(
    `up in ${seconds(performance.now() - begin)}\n\n${partsTable(status)}\n\n${whereIsWhat(status)}\n`,
  );
  sayToStdout('Ctrl-C stops it.');
  await Promise.all(parts.map((part) => supervise(part, PART_START, sayToStdout, signal)));
}
