import { messageOf, StackError } from '../errors.js';
import { runProgram } from '../process/run-program.js';
import { serviceAddress } from './addresses.js';
import { serviceEnv } from './service-env.js';
import type { StackService, StackState } from './state.js';

const TIMEOUT_MS = 60_000;

/** Gives a serving service its first data. A repetition changes nothing. Throws COMMAND_FAILED. */
export async function seed(service: StackService, state: StackState, env: NodeJS.ProcessEnv): Promise<void> {
  const { name, seed: first } = service.descriptor;
  if (first === undefined) return;
  try {
    const args = [serviceAddress(service, first.port, env)];
    const programEnv = serviceEnv(service, state, env);
    await runProgram(first.program, { args, env: programEnv, timeoutMs: TIMEOUT_MS });
  } catch (fault) {
    throw new StackError('COMMAND_FAILED', `the first data of ${name}: ${messageOf(fault)}`, {
      cause: fault,
    });
  }
}
