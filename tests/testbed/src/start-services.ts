import { type Peers, peerEnv, type ServedAt, type ServiceDescriptor } from '@txmsg/stack/descriptor';
import { freePort, startTestService, type TestService } from '@txmsg/stack/testing';
import type { Network } from './network.js';
import { type DatabaseName, databaseKey } from './prepare-databases.js';
import type { OtherBuilds, PlannedService } from './service-plan.js';
import type { ServiceProcess } from './service-process.js';

/** What the services are started with. */
export interface ServicesOptions extends Pick<OtherBuilds, 'entries'> {
  readonly services: readonly Required<PlannedService>[];
  /** The URL of each database for the services. */
  readonly databaseUrls: ReadonlyMap<DatabaseName, string>;
  /** Address of the broker's proxy. */
  readonly endpoints: string;
  /** The names of topics and groups, by their variables. */
  readonly names: Readonly<Record<string, string>>;
  readonly messageTopics: readonly string[];
  readonly network: Network;
  /** Old-space limit of each service's heap in MiB. */
  readonly maxHeapMib?: number;
  /** Settings of all services. They override all others. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One replica of a service before its start. */
interface Place {
  readonly name: string;
  readonly descriptor: ServiceDescriptor;
  readonly ports: Readonly<Record<string, number>>;
}

/** An address where nothing listens, for a service without replicas. */
const NOWHERE = '127.0.0.1:9';

/**
 * Starts all services at once. Each reaches the others, the databases and the broker through the network.
 *
 * @returns the replicas of each service, by its name
 */
export async function startServices(
  options: ServicesOptions,
  closers: (() => Promise<unknown>)[],
): Promise<ReadonlyMap<string, readonly ServiceProcess[]>> {
  const places: Place[] = [];
  for (const service of options.services) places.push(...(await placesOf(service)));
  const launch = async (place: Place): Promise<ServiceProcess> => {
    const env = { ...(await replicaEnv(options, place, places)), ...options.env };
    const service = await startTestService({
      name: place.name,
      entry: options.entries?.[place.name] ?? place.descriptor.entry,
      env,
      healthPorts: probed(place, 'grpc'),
      tcpPorts: probed(place, 'tcp'),
    });
    closers.push(() => service.remove());
    return describe(service, place);
  };
  const started = await Promise.all(
    options.services.map(async ({ descriptor }) => {
      const own = places.filter((place) => place.descriptor === descriptor);
      return [descriptor.name, await Promise.all(own.map(launch))] as const;
    }),
  );
  return new Map(started);
}

async function placesOf({ descriptor, count }: Required<PlannedService>): Promise<Place[]> {
  const list: Place[] = [];
  for (let index = 0; index < count; index += 1) {
    const ports: Record<string, number> = {};
    for (const purpose of Object.keys(descriptor.ports)) ports[purpose] = await freePort();
    list.push({ name: `${descriptor.name}-${index}`, descriptor, ports });
  }
  return list;
}

/** The ports that show by this probe whether the service is ready. */
function probed({ descriptor, ports }: Place, kind: 'grpc' | 'tcp'): number[] {
  return Object.entries(ports).flatMap(([purpose, port]) =>
    (descriptor.ports[purpose]?.probe ?? 'grpc') === kind ? [port] : [],
  );
}

/** Adds the addresses. The process, its pid and its state stay live. */
function describe(service: TestService, { ports }: Place): ServiceProcess {
  const entries = Object.entries(ports).map(([purpose, port]) => [purpose, `127.0.0.1:${port}`] as const);
  const addresses: Record<string, string> = Object.fromEntries(entries);
  const address = addresses.grpc ?? entries[0]?.[1] ?? NOWHERE;
  const where = { addresses, address, internalAddress: addresses.internal ?? address };
  return Object.defineProperties(where, Object.getOwnPropertyDescriptors(service)) as ServiceProcess;
}

async function replicaEnv(
  options: ServicesOptions,
  place: Place,
  places: readonly Place[],
): Promise<Record<string, string>> {
  const { maxHeapMib, names } = options;
  const { descriptor, ports } = place;
  const portVariables = Object.entries(descriptor.ports).map(([purpose, { env }]) => [
    env,
    String(ports[purpose]),
  ]);
  return {
    ...(maxHeapMib === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${maxHeapMib}` }),
    ...names,
    TXMSG_LOG_LEVEL: 'info',
    ...descriptor.env,
    ...Object.fromEntries(portVariables),
    ...(await databaseEnv(options, place)),
    ...peerEnv(descriptor.peers ?? {}, await peersOf(options, place, places)),
  };
}

async function databaseEnv(
  { network, databaseUrls }: ServicesOptions,
  { name, descriptor }: Place,
): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const database of descriptor.databases ?? []) {
    const key = databaseKey(database);
    const url = new URL(databaseUrls.get(key) ?? '');
    url.host = await network.address(name, key, url.host);
    env[database.env] = url.href;
  }
  return env;
}

/** Where this replica reaches the others that its descriptor names. No other links are created. */
async function peersOf(
  { network, services, endpoints, messageTopics }: ServicesOptions,
  { name: from, descriptor }: Place,
  places: readonly Place[],
): Promise<Peers> {
  const { peers = {} } = descriptor;
  const reach = async (wanted: unknown, role: (descriptor: ServiceDescriptor) => ServedAt | undefined) => {
    const reached = new Map<string, string[]>();
    for (const service of wanted ? services : []) {
      const at = role(service.descriptor);
      if (at === undefined) continue;
      const replicas = places.filter((place) => place.descriptor === service.descriptor);
      const addresses = await Promise.all(
        replicas.map(({ name, ports }) => network.address(from, name, `127.0.0.1:${ports[at.port]}`)),
      );
      reached.set(service.descriptor.name, addresses.length === 0 ? [NOWHERE] : addresses);
    }
    return reached;
  };
  return {
    broker: peers.broker ? await network.address(from, 'broker', endpoints) : '',
    relays: [...(await reach(peers.relays, ({ relay }) => relay)).values()].flat(),
    participants: await reach(peers.participants, ({ participant }) => participant),
    consumers: await reach(peers.consumers, ({ consumer }) => consumer),
    messageTopics,
  };
}
