import { join } from 'node:path';
import type { Topology } from '../descriptor/topology.js';

/** How RocketMQ can run: all in one process, or one of its processes alone. */
export type RocketmqMode = 'all' | 'namesrv' | 'broker' | 'proxy';

/** The ports of one RocketMQ on 127.0.0.1. The broker also takes `broker - 2` and `broker + 1`. */
export interface RocketmqPorts {
  readonly namesrv: number;
  readonly broker: number;
  readonly grpc: number;
  readonly remoting: number;
  /** Admin HTTP of the process that holds the broker. */
  readonly admin: number;
  readonly namesrvAdmin: number;
  readonly proxyAdmin: number;
}

/** The proxies of a cluster tell each other their clients through this topic. It must be recreated with the broker. */
const PROXY_TOPIC = ['DefaultHeartBeatSyncerTopic', 'NORMAL'] as const;

type Settings = Readonly<Record<string, string | number | boolean>>;

/** The configuration files of one process, by file name. */
export function rocketmqFiles(
  mode: RocketmqMode,
  dir: string,
  ports: RocketmqPorts,
  topology: Topology,
): Record<string, string> {
  return {
    'launcher.properties': properties(launcherSettings(mode, ports, topology)),
    'namesrv.conf': properties(namesrvSettings(dir, ports)),
    'broker.conf': properties(brokerSettings(dir, ports)),
    'proxy.json': `${JSON.stringify(proxySettings(mode, dir, ports), null, 2)}\n`,
  };
}

/** Port of the admin HTTP server of a process. */
export function adminPort(mode: RocketmqMode, ports: RocketmqPorts): number {
  if (mode === 'namesrv') return ports.namesrvAdmin;
  return mode === 'proxy' ? ports.proxyAdmin : ports.admin;
}

function launcherSettings(mode: RocketmqMode, ports: RocketmqPorts, topology: Topology): Settings {
  const pairs = (map: ReadonlyMap<string, string | number>): string =>
    [...map].map(([name, value]) => `${name}:${value}`).join(',');
  return {
    namesrvAddr: `127.0.0.1:${ports.namesrv}`,
    brokerAddr: `127.0.0.1:${ports.broker}`,
    adminPort: adminPort(mode, ports),
    topics: pairs(mode === 'broker' ? new Map([...topology.topics, PROXY_TOPIC]) : topology.topics),
    groups: pairs(topology.groups),
  };
}

function namesrvSettings(dir: string, ports: RocketmqPorts): Settings {
  return {
    listenPort: ports.namesrv,
    bindAddress: '127.0.0.1',
    rocketmqHome: dir,
    kvConfigPath: join(dir, 'kvConfig.json'),
    configStorePath: join(dir, 'namesrv.properties'),
  };
}

/** A broker for one machine: small files, frequent checks, and resolutions that survive a kill. */
function brokerSettings(dir: string, ports: RocketmqPorts): Settings {
  return {
    brokerClusterName: 'DefaultCluster',
    brokerName: 'broker-a',
    brokerId: 0,
    brokerRole: 'ASYNC_MASTER',
    flushDiskType: 'ASYNC_FLUSH',
    namesrvAddr: `127.0.0.1:${ports.namesrv}`,
    bindAddress: '127.0.0.1',
    brokerIP1: '127.0.0.1',
    brokerIP2: '127.0.0.1',
    listenPort: ports.broker,
    haListenPort: ports.broker + 1,
    storePathRootDir: join(dir, 'store'),
    storePathCommitLog: join(dir, 'store', 'commitlog'),
    deleteWhen: '04',
    fileReservedTime: 48,
    diskMaxUsedSpaceRatio: 99,
    autoCreateTopicEnable: false,
    mappedFileSizeCommitLog: 67_108_864,
    mappedFileSizeConsumeQueue: 600_000,
    maxIndexNum: 500_000,
    maxHashSlotNum: 125_000,
    mappedFileSizeTimerLog: 8_388_608,
    timerFlushIntervalMs: 10_000,
    // Threads that write. Each holds 4 MiB. Some defaults grow with the cores, to 600 MB in all with 16 cores.
    sendMessageThreadPoolNums: 4,
    endTransactionThreadPoolNums: 4,
    pullMessageThreadPoolNums: 8,
    ackMessageThreadPoolNums: 4,
    // The broker checks a half message back 3 s after it was sent and then every 3 s, practically forever.
    transactionTimeOut: 3_000,
    transactionCheckInterval: 3_000,
    transactionCheckMax: 1_000,
    // Resolutions are written in batches, and a kill loses the last batch. The default is 3 s.
    transactionOpBatchInterval: 100,
  };
}

function proxySettings(mode: RocketmqMode, dir: string, ports: RocketmqPorts): Settings {
  return {
    rocketMQClusterName: 'DefaultCluster',
    proxyClusterName: 'DefaultCluster',
    proxyName: 'proxy-a',
    namesrvAddr: `127.0.0.1:${ports.namesrv}`,
    localServeAddr: '127.0.0.1',
    grpcServerPort: ports.grpc,
    remotingListenPort: ports.remoting,
    grpcShutdownTimeSeconds: 1,
    topicRouteServiceCacheRefreshSeconds: 1,
    tlsTestModeEnable: false,
    tlsKeyPath: join(dir, 'key.pem'),
    tlsCertPath: join(dir, 'cert.pem'),
    // A client that came through a forwarded port is told that port again. Cluster mode only.
    useEndpointPortFromRequest: mode === 'proxy',
  };
}

function properties(settings: Settings): string {
  const escaped = (value: string): string => value.replaceAll('\\', '\\\\');
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${escaped(String(value))}\n`)
    .join('');
}
