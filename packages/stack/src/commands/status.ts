import { sayToStderr } from '../fetch/progress.js';
import { existingStack, foregroundProcess } from '../stack/context.js';
import { type StackStatus, stackStatus } from '../stack/status.js';
import { partsTable, whereIsWhat } from '../stack/tables.js';
import { sayToStdout } from './report.js';

const NEVER_STARTED: StackStatus = {
  parts: [],
  orderDbUrl: '',
  stockDbUrl: '',
  rocketmqEndpoints: '',
  namesrvAddr: '',
  foregroundPid: null,
};

/** Shows what runs where: as a table, or as one JSON object that is all there is on standard output. */
export async function statusCommand(env: NodeJS.ProcessEnv, json: boolean): Promise<void> {
  const stack = existingStack(env, sayToStderr);
  if (stack === undefined) {
    sayToStdout(json ? JSON.stringify(NEVER_STARTED) : 'not started yet: `npm start` or `npm run up`');
    return;
  }
  const status = await stackStatus(stack.parts, stack.state, foregroundProcess(stack.home)?.pid);
  sayToStdout(json ? JSON.stringify(status) : `${partsTable(status)}\n\n${whereIsWhat(status)}`);
}
