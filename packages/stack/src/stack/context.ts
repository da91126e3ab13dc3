import type { Say } from '../fetch/progress.js';
import type { Part } from '../parts/part.js';
import type { ProcessIdentity } from '../process/identity.js';
import { readPidFile } from '../process/pid-file.js';
import { buildParts } from './build-parts.js';
import { choosePorts } from './choose-ports.js';
import { type StackHome, stackHome } from './home.js';
import { type ExternalServers, readState, type StackState, writeState } from './state.js';

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

/** The stack that was started before, running or not; undefined when there is none. */
export function existingStack(env: NodeJS.ProcessEnv, say: Say): StackContext | undefined {
  const home = stackHome(env);
  const state = readState(home.stateFile);
  return state === undefined ? undefined : { home, state, parts: buildParts({ home, state, env, say }) };
}

/** The stack as it runs, or, when no part of it does, a fresh one with ports chosen anew; written down. */
export async function stackToStart(
  env: NodeJS.ProcessEnv,
  say: Say,
  choices: StackChoices,
): Promise<StackContext> {
  const existing = existingStack(env, say);
  if (existing?.parts.some((part) => part.running)) return existing;
  const home = stackHome(env);
  const state: StackState = { ports: await choosePorts(env), ...choices, external: externalServers(env) };
  writeState(home.stateFile, state);
  return { home, state, parts: buildParts({ home, state, env, say }) };
}

/** The process that runs this stack in the foreground, if there is one. */
export function foregroundProcess(home: StackHome): ProcessIdentity | undefined {
  return readPidFile(home.supervisorFile);
}

function externalServers(env: NodeJS.ProcessEnv): ExternalServers {
  return {
    ...(env.TXMSG_ORDER_DB_URL && { orderDbUrl: env.TXMSG_ORDER_DB_URL }),
    ...(env.TXMSG_STOCK_DB_URL && { stockDbUrl: env.TXMSG_STOCK_DB_URL }),
    ...(env.TXMSG_ROCKETMQ_ENDPOINTS && { rocketmqEndpoints: env.TXMSG_ROCKETMQ_ENDPOINTS }),
    ...(env.TXMSG_NAMESRV_ADDR && { namesrvAddr: env.TXMSG_NAMESRV_ADDR }),
  };
}
