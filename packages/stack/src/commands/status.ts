import { StackError } from '../errors.js';
import { sayToStderr } from '../fetch/progress.js';
import { existingStack, foregroundProcess } from '../stack/context.js';
import { defaultServices } from '../stack/load-services.js';
import { stackStatus, statusJson } from '../stack/status.js';
import { partsTable, whereIsWhat } from '../stack/tables.js';
import { sayToStdout } from './report.js';

/** Shows what runs where: as a table, or as one JSON object and nothing else on standard output. */
export async function statusCommand(env: NodeJS.ProcessEnv, json: boolean): Promise<void> {
  const stack = existingStack(env, sayToStderr);
  if (stack === undefined) {
    sayToStdout(json ? await neverStarted() : 'not started yet: `npm start` or `npm run up`');
    return;
  }
  const status = await stackStatus(stack.parts, stack.state, foregroundProcess(stack.home)?.pid);
  sayToStdout(json ? statusJson(status) : `${partsTable(status)}\n\n${whereIsWhat(status)}`);
}

async function neverStarted(): Promise<string> {
  const services = await defaultServices().catch(unbuilt);
  const databases = services.flatMap((service) => service.databases ?? []);
  return statusJson({
    parts: [],
    databases: databases.map((database) => ({ ...database, url: '' })),
    rocketmqEndpoints: '',
    namesrvAddr: '',
    examples: [],
    foregroundPid: null,
  });
}

/** Before a build, the services of a checkout are unknown. */
function unbuilt(fault: unknown): [] {
  if (fault instanceof StackError) return [];
  throw fault;
}
