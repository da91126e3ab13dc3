import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { messageOf, StackError } from '../errors.js';

const run = promisify(execFile);

/** How a program is run. */
export interface ProgramOptions {
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

/** Runs a Node program to its end. Throws COMMAND_FAILED with what it wrote to standard error. */
export async function runProgram(path: string, options: ProgramOptions): Promise<void> {
  if (!existsSync(path)) throw new StackError('COMMAND_FAILED', `${path} is missing: build it first`);
  const { args = [], env, timeoutMs } = options;
  try {
    await run(process.execPath, ['--enable-source-maps', path, ...args], { env, timeout: timeoutMs });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new StackError('COMMAND_FAILED', said === '' ? messageOf(cause) : said, { cause });
  }
}
