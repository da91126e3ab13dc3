import type { DatabaseDescriptor } from '../descriptor/service-descriptor.js';
import { serviceTopology } from '../descriptor/topology.js';
import { databaseServer } from '../fetch/mariadb.js';
import type { Say } from '../fetch/progress.js';
import { type RocketmqPrograms, rocketmqPrograms } from '../fetch/rocketmq-programs.js';
import { databasePart } from '../parts/database-part.js';
import type { Part } from '../parts/part.js';
import type { RocketmqMode } from '../parts/rocketmq-config.js';
import { rocketmqPart } from '../parts/rocketmq-part.js';
import { servicePart } from '../parts/service-part.js';
import { serviceAddress } from './addresses.js';
import type { StackHome } from './home.js';
import { serviceEnv } from './service-env.js';
import type { StackService, StackState } from './state.js';

/** What parts are made from. */
export interface BuildOptions {
  readonly home: StackHome;
  readonly state: StackState;
  readonly env: NodeJS.ProcessEnv;
  readonly say: Say;
}

/** All parts of a stack in the order in which they are shown. This fetches and starts nothing. */
export function buildParts(options: BuildOptions): Part[] {
  const { external, services } = options.state;
  const databases = services.flatMap(({ descriptor }) => descriptor.databases ?? []);
  const ownDatabase = databases.some(({ env }) => external.databases[env] === undefined);
  return [
    ...(ownDatabase ? [buildDatabase(options, databases)] : []),
    ...(external.rocketmqEndpoints === undefined ? buildRocketmq(options) : []),
    ...services.map((service) => buildService(service, options)),
  ];
}

function buildDatabase(
  { home, state, env, say }: BuildOptions,
  databases: readonly DatabaseDescriptor[],
): Part {
  return databasePart({
    server: () => databaseServer(env, say),
    port: state.ports.mysql,
    databases: databases.map(({ name }) => name),
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
  const services = state.services.map(({ descriptor }) => descriptor);
  const modes: readonly RocketmqMode[] = state.separate ? ['namesrv', 'broker', 'proxy'] : ['all'];
  return modes.map((mode) =>
    rocketmqPart({
      mode,
      programs: findPrograms,
      ports: state.ports.rocketmq,
      profile: state.profile,
      topology: () => serviceTopology(services, env),
      env,
      ...places(home, mode === 'all' ? 'rocketmq' : mode),
    }),
  );
}

function buildService(service: StackService, { home, state, env }: BuildOptions): Part {
  const { descriptor, ports } = service;
  return servicePart({
    name: descriptor.name,
    entry: descriptor.entry,
    env: serviceEnv(service, state, env),
    ports,
    probes: Object.entries(descriptor.ports).map(([purpose, { probe = 'grpc' }]) => ({
      kind: probe,
      address: serviceAddress(service, purpose, env),
    })),
    ...places(home, descriptor.name),
  });
}

function places(home: StackHome, part: string) {
  return { dataDir: home.dataDir(part), logFile: home.logFile(part), pidFile: home.pidFile(part) };
}
