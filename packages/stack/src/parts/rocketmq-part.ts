import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Topology } from '../descriptor/topology.js';
import type { RocketmqPrograms } from '../fetch/rocketmq-programs.js';
import { Part } from './part.js';
import { answersHttp } from './probes.js';
import { adminPort, type RocketmqMode, type RocketmqPorts, rocketmqFiles } from './rocketmq-config.js';

/** `laptop` is small and starts fast; `bench` has a heap of 1 GB and the full JIT compiler. */
export type RocketmqProfile = 'laptop' | 'bench';

/** Where and how RocketMQ (or one process of it) runs. */
export interface RocketmqPartOptions {
  readonly mode: RocketmqMode;
  /** Finds or fetches Java and RocketMQ. */
  readonly programs: () => Promise<RocketmqPrograms>;
  readonly ports: RocketmqPorts;
  readonly profile: RocketmqProfile;
  readonly dataDir: string;
  readonly logFile: string;
  readonly pidFile: string;
  /** Asked at every start, so topics that were created later are created again after the data was deleted. */
  readonly topology: () => Topology;
  readonly env: NodeJS.ProcessEnv;
}

/** RocketMQ as one process (`all`, named `rocketmq`), or one of its three processes. */
export function rocketmqPart(options: RocketmqPartOptions): Part {
  const { mode, dataDir, ports } = options;
  const argFile = join(dataDir, 'java.args');
  return new Part({
    name: mode === 'all' ? 'rocketmq' : mode,
    prepare: async () => {
      const programs = await options.programs();
      const { java } = programs;
      writeFiles(options, programs, argFile);
      const args = [`@${argFile}`, 'txmsg.launcher.Main', mode, dataDir];
      return { command: java.binary, args, env: { ...options.env, MALLOC_ARENA_MAX: '2' } };
    },
    logFile: options.logFile,
    pidFile: options.pidFile,
    dataDir,
    ports: shownPorts(mode, ports),
    probe: () => answersHttp(`http://127.0.0.1:${adminPort(mode, ports)}/health`),
    startTimeoutMs: 120_000,
    stopGraceMs: 12_000,
  });
}

/** Removes all messages, topics, groups and offsets. Only while the process is stopped. */
export function deleteBrokerData(dataDir: string): void {
  rmSync(join(dataDir, 'store'), { recursive: true, force: true });
}

function writeFiles(options: RocketmqPartOptions, programs: RocketmqPrograms, argFile: string): void {
  const { mode, dataDir, ports } = options;
  // Each start leaves an unpacked native library of 13 MB there.
  rmSync(join(dataDir, 'tmp'), { recursive: true, force: true });
  mkdirSync(join(dataDir, 'tmp'), { recursive: true });
  for (const [name, content] of Object.entries(rocketmqFiles(mode, dataDir, ports, options.topology()))) {
    writeFileSync(join(dataDir, name), content);
  }
  const archive =
    programs.classArchive === undefined ? [] : [`-XX:SharedArchiveFile=${programs.classArchive}`];
  const args = [...javaFlags(options), ...archive, '-cp', programs.classPath.join(delimiter)];
  writeFileSync(argFile, args.map((arg) => `${quote(arg)}\n`).join(''));
}

/**
 * Every thread of the broker that writes keeps a buffer of the largest message, 4 MiB, in direct memory. A thread that
 * gets no buffer fails from then on, and messages are delivered late or never. `brokerSettings` sets the number of
 * these threads.
 */
const MEMORY: Readonly<Record<RocketmqProfile, Readonly<Record<RocketmqMode, readonly string[]>>>> = {
  laptop: {
    all: ['-Xms48m', '-Xmx160m', '-XX:MaxDirectMemorySize=512m'],
    namesrv: ['-Xms16m', '-Xmx64m', '-XX:MaxDirectMemorySize=64m'],
    broker: ['-Xms32m', '-Xmx128m', '-XX:MaxDirectMemorySize=512m'],
    proxy: ['-Xms32m', '-Xmx128m', '-XX:MaxDirectMemorySize=128m'],
  },
  bench: {
    all: ['-Xms1g', '-Xmx1g', '-XX:MaxDirectMemorySize=1g'],
    namesrv: ['-Xms64m', '-Xmx128m', '-XX:MaxDirectMemorySize=128m'],
    broker: ['-Xms1g', '-Xmx1g', '-XX:MaxDirectMemorySize=1g'],
    proxy: ['-Xms512m', '-Xmx512m', '-XX:MaxDirectMemorySize=512m'],
  },
};

function javaFlags({ mode, profile, dataDir }: RocketmqPartOptions): string[] {
  return [
    ...MEMORY[profile][mode],
    ...(profile === 'laptop' ? ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xss512k'] : []),
    '-Djdk.nio.maxCachedBufferSize=262144',
    '-Dtls.server.mode=disabled',
    '-Dfile.encoding=UTF-8',
    `-Djava.io.tmpdir=${join(dataDir, 'tmp')}`,
    `-Duser.home=${dataDir}`,
    `-Drocketmq.home.dir=${dataDir}`,
  ];
}

function shownPorts(mode: RocketmqMode, ports: RocketmqPorts): Record<string, number> {
  const admin = adminPort(mode, ports);
  if (mode === 'namesrv') return { namesrv: ports.namesrv, admin };
  if (mode === 'broker') return { broker: ports.broker, admin };
  if (mode === 'proxy') return { grpc: ports.grpc, remoting: ports.remoting, admin };
  return { grpc: ports.grpc, namesrv: ports.namesrv, broker: ports.broker, remoting: ports.remoting, admin };
}

/** An argument file of `java` splits at blanks and treats backslashes as escapes, except in quotes like these. */
function quote(arg: string): string {
  return `"${arg.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
