import { parseArgs } from 'node:util';
import { downCommand, resetCommand } from './commands/down.js';
import { migrateCommand } from './commands/migrate.js';
import { startCommand } from './commands/start.js';
import { statusCommand } from './commands/status.js';
import { upCommand } from './commands/up.js';
import type { ServiceDescriptor } from './descriptor/service-descriptor.js';
import { messageOf, StackError } from './errors.js';
import type { StackChoices } from './stack/context.js';
import { defaultServices } from './stack/load-services.js';

const USAGE = `usage: <command> [options]
  start    run everything in the foreground          --separate  RocketMQ as three processes
  up       start what isn't running, in the background  --bench     RocketMQ with 1 GB and the full JIT
  down     stop everything
  reset    stop everything and drop the data
  status   show what runs where                      --json      as one JSON object
  migrate  bring the databases to the newest schema`;

/**
 * Runs one command of the local stack; `args` is the command and its options. Sets the exit code: 0, 1 for a failure, 2
 * for an unknown command.
 *
 * @param more services to start besides those of the repository
 */
export async function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  more: readonly ServiceDescriptor[] = [],
): Promise<void> {
  // A reader that is gone (`npm start | head`) must not end the stack.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    await dispatch(args, env, more);
  } catch (fault) {
    process.stderr.write(`${fault instanceof StackError ? fault.message : describe(fault)}\n`);
    process.exitCode = fault instanceof StackError && fault.code === 'USAGE' ? 2 : 1;
  }
}

async function dispatch(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  more: readonly ServiceDescriptor[],
): Promise<void> {
  const { command, choices, json } = parse(args);
  const services = async (): Promise<ServiceDescriptor[]> => [...(await defaultServices()), ...more];
  if (command === 'start') return startCommand(env, { ...choices, services: await services() });
  if (command === 'up') return upCommand(env, { ...choices, services: await services() });
  if (command === 'down') return downCommand(env);
  if (command === 'reset') return resetCommand(env);
  if (command === 'status') return statusCommand(env, json);
  if (command === 'migrate') return migrateCommand(env, await services());
  throw new StackError('USAGE', USAGE);
}

interface Parsed {
  readonly command: string | undefined;
  readonly choices: StackChoices;
  readonly json: boolean;
}

function parse(args: readonly string[]): Parsed {
  const options = {
    json: { type: 'boolean' },
    separate: { type: 'boolean' },
    bench: { type: 'boolean' },
  } as const;
  try {
    // pnpm passes on the `--` that npm removes.
    const given = args.filter((arg) => arg !== '--');
    const { values, positionals } = parseArgs({ args: given, options, allowPositionals: true });
    const profile = values.bench ? 'bench' : 'laptop';
    return {
      command: positionals[0],
      choices: { separate: values.separate ?? false, profile },
      json: values.json ?? false,
    };
  } catch (cause) {
    throw new StackError('USAGE', `${messageOf(cause)}\n${USAGE}`, { cause });
  }
}

function describe(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}
