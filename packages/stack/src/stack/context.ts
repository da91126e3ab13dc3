import type { ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { StackError } from '../errors.js';
import type { Say } from '../fetch/progress.js';
import type { Part } from '../parts/part.js';
import type { ProcessIdentity } from '../process/identity.js';
import { readPidFile } from '../process/pid-file.js';
import { buildParts } from './build-parts.js';
import { chooseServerPorts, chooseServicePorts } from './choose-ports.js';
import { type StackHome, stackHome } from './home.js';
import { type ExternalServers, STATE_VERSION, type StackService, type StackState } from './state.js';
import { readState, writeState } from './state-file.js';

/** Choices that are made on the command line. */
export interface StackChoices {
  readonly separate: boolean;
  readonly profile: 'laptop' | 'bench';
}

/** A stack as a command finds it. */
export interface StackContext {
  readonly home: StackHome;
  readonly state: StackState;
  readonly parts: readonly Part[];
}

/** What is started, and how. */
export interface StackWish extends StackChoices {
  readonly services: readonly ServiceDescriptor[];
}

/** The stack that was started before, running or not. Undefined when there is none. */
export function existingStack(env: NodeJS.ProcessEnv, say: Say): StackContext | undefined {
  const home = stackHome(env);
  const state = readState(home.stateFile);
  return state === undefined ? undefined : { home, state, parts: buildParts({ home, state, env, say }) };
}

/**
 * The running stack. When no part runs, a new one with newly chosen ports. Writes its state. Throws ALREADY_RUNNING
 * when the stack runs without one of the wished services.
 */
export async function stackToStart(env: NodeJS.ProcessEnv, say: Say, wish: StackWish): Promise<StackContext> {
  const existing = existingStack(env, say);
  const home = stackHome(env);
  const runs = existing?.parts.some((part) => part.running);
  const state =
    existing && runs ? await runningState(existing.state, wish, env) : await freshState(wish, env);
  writeState(home.stateFile, state);
  return { home, state, parts: buildParts({ home, state, env, say }) };
}

/** The known services in their order. A wished descriptor replaces the known one of its name. */
export function describedAnew(
  known: readonly ServiceDescriptor[],
  wished: readonly ServiceDescriptor[],
): ServiceDescriptor[] {
  return known.map((old) => wished.find(({ name }) => name === old.name) ?? old);
}

/** The process that runs this stack in the foreground, if there is one. */
export function foregroundProcess(home: StackHome): ProcessIdentity | undefined {
  return readPidFile(home.supervisorFile);
}

async function freshState(wish: StackWish, env: NodeJS.ProcessEnv): Promise<StackState> {
  const { services, separate, profile } = wish;
  return {
    version: STATE_VERSION,
    ports: await chooseServerPorts(),
    services: await placed(services, [], env),
    separate,
    profile,
    external: externalServers(services, env),
  };
}

/**
 * A running stack keeps its servers, services and ports. The services' descriptors are read again, because their code
 * may be newer.
 */
async function runningState(
  state: StackState,
  { services: wished }: StackWish,
  env: NodeJS.ProcessEnv,
): Promise<StackState> {
  const known = state.services.map(({ descriptor }) => descriptor);
  const missing = wished.filter(({ name }) => !known.some((one) => one.name === name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new StackError(
      'ALREADY_RUNNING',
      `This stack is already running, without ${names}. Stop it with \`npm run down\` first.`,
    );
  }
  return { ...state, services: await placed(describedAnew(known, wished), state.services, env) };
}

async function placed(
  services: readonly ServiceDescriptor[],
  before: readonly StackService[],
  env: NodeJS.ProcessEnv,
): Promise<StackService[]> {
  const list: StackService[] = [];
  for (const descriptor of services) {
    const kept = before.find((one) => one.descriptor.name === descriptor.name)?.ports;
    list.push({ descriptor, ports: await chooseServicePorts(descriptor, env, kept) });
  }
  return list;
}

function externalServers(services: readonly ServiceDescriptor[], env: NodeJS.ProcessEnv): ExternalServers {
  const databases = services.flatMap((service) => service.databases ?? []);
  const given = databases.flatMap(({ env: name }) => (env[name] ? [[name, env[name]] as const] : []));
  return {
    databases: Object.fromEntries(given),
    ...(env.TXMSG_ROCKETMQ_ENDPOINTS && { rocketmqEndpoints: env.TXMSG_ROCKETMQ_ENDPOINTS }),
    ...(env.TXMSG_NAMESRV_ADDR && { namesrvAddr: env.TXMSG_NAMESRV_ADDR }),
  };
}
