import { databaseServer } from '../fetch/mariadb.js';
import type { Say } from '../fetch/progress.js';
import { type RocketmqPrograms, rocketmqPrograms } from '../fetch/rocketmq-programs.js';
import { databasePart } from '../parts/database-part.js';
import type { Part } from '../parts/part.js';
import type { RocketmqMode } from '../parts/rocketmq-config.js';
import { rocketmqPart } from '../parts/rocketmq-part.js';
import { servicePart } from '../parts/service-part.js';
import type { StackHome } from './home.js';
import {
  publicHost,
  type ServiceName,
  serviceEntry,
  serviceEnv,
  serviceNames,
  servicePorts,
} from './services.js';
import type { StackState } from './state.js';
import { stackTopology } from './topology.js';

/** What parts are made from. */
export interface BuildOptions {
  readonly home: StackHome;
  readonly state: StackState;
  readonly env: NodeJS.ProcessEnv;
  readonly say: Say;
}

/** All parts of a stack in the order in which they are shown; nothing is fetched or started by this. */
export function buildParts(options: BuildOptions): Part[] {
  const { external } = options.state;
  const ownDatabase = external.orderDbUrl === undefined || external.stockDbUrl === undefined;
  return [
    ...(ownDatabase ? [buildDatabase(options)] : []),
    ...(external.rocketmqEndpoints === undefined ? buildRocketmq(options) : []),
    ...serviceNames.map((name) => buildService(name, options)),
  ];
}

function buildDatabase({ home, state, env, say }: BuildOptions): Part {
  return databasePart({
    server: () => databaseServer(env, say),
    port: state.ports.mysql,
    databases: ['tx-msg-orders', 'tx-msg-stock'],
    env,
    ...places(home, 'database'),
  });
}

function buildRocketmq({ home, state, env, say }: BuildOptions): Part[] {
  let programs: Promise<RocketmqPrograms> | undefined;
  const findPrograms = (): Promise<RocketmqPrograms> => {
    programs ??= rocketmqPrograms(env, say);
    return programs;
  };
  const modes: readonly RocketmqMode[] = state.separate ? ['namesrv', 'broker', 'proxy'] : ['all'];
  return modes.map((mode) =>
    rocketmqPart({
      mode,
      programs: findPrograms,
      ports: state.ports.rocketmq,
      profile: state.profile,
      topology: () => stackTopology(env),
      env,
      ...places(home, mode === 'all' ? 'rocketmq' : mode),
    }),
  );
}

function buildService(name: ServiceName, { home, state, env }: BuildOptions): Part {
  const ports = servicePorts(name, state);
  return servicePart({
    name,
    entry: serviceEntry(name, 'main'),
    env: serviceEnv(state, env),
    ports,
    healthPorts: ports.grpc === undefined ? [] : [ports.grpc],
    healthHost: publicHost(name, env),
    ...places(home, name),
  });
}

function places(home: StackHome, part: string) {
  return { dataDir: home.dataDir(part), logFile: home.logFile(part), pidFile: home.pidFile(part) };
}
