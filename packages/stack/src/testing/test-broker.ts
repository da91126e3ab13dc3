import { join } from 'node:path';
import type { TopicType } from '../descriptor/service-descriptor.js';
import { sayToStderr } from '../fetch/progress.js';
import { rocketmqPrograms } from '../fetch/rocketmq-programs.js';
import type { Part } from '../parts/part.js';
import { type FoundMessage, type GroupProgress, rocketmqAdmin } from '../parts/rocketmq-admin.js';
import type { RocketmqMode } from '../parts/rocketmq-config.js';
import { deleteBrokerData, type RocketmqProfile, rocketmqPart } from '../parts/rocketmq-part.js';
import { rocketmqPorts } from '../parts/rocketmq-ports.js';
import { testDir } from './test-dir.js';

/** How to run RocketMQ for a test. */
export interface TestBrokerOptions {
  /** True: name server, broker and proxy (cluster mode) as three processes. Default: one process. */
  readonly separate?: boolean;
  /** `bench` for measurements. Default `laptop`. */
  readonly profile?: RocketmqProfile;
}

/** One process of a test broker. */
export interface TestBrokerPart {
  readonly name: string;
  /** The pid, or undefined while it isn't running. */
  readonly pid: number | undefined;
  readonly logFile: string;
  /** RocketMQ's own log files, one folder deep. */
  readonly logDir: string;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
  /** Stops the process in order (SIGTERM). */
  stop(): Promise<void>;
  /** Starts the process on the same ports and data, and waits until it is ready. */
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

/** A RocketMQ of its own for a test file. It dies with the test process. */
export interface TestBroker {
  /** Address of the gRPC proxy, host:port. */
  readonly endpoints: string;
  readonly namesrvAddr: string;
  /** Port of the launcher's administration, for `connectTestBroker`. */
  readonly adminPort: number;
  /** The processes: `rocketmq`, or `namesrv`, `broker` and `proxy` when separate. */
  readonly parts: ReadonlyMap<string, TestBrokerPart>;
  /** The process by this name; throws when there is none. */
  part(name: 'rocketmq' | 'namesrv' | 'broker' | 'proxy'): TestBrokerPart;
  /** Creates a topic. It is created again at every later start. */
  createTopic(name: string, type: TopicType): Promise<void>;
  /** Creates a consumer group (default: 16 redeliveries). It is created again at every later start. */
  createGroup(name: string, options?: { readonly retryMaxTimes?: number }): Promise<void>;
  /** The names of all topics, including the system's own. */
  topics(): Promise<string[]>;
  /** Messages of a topic that carry the key. */
  queryByKey(topic: string, key: string): Promise<FoundMessage[]>;
  progress(group: string): Promise<GroupProgress>;
  /** Moves the group to the first message stored at or after the time; 0 is the beginning. */
  resetOffset(group: string, topic: string, timestampMs: number): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
  /** Kills every process with SIGKILL. The data stays for `start`. */
  kill(): Promise<void>;
  /** Starts every process that isn't running and waits until all are ready. */
  start(): Promise<void>;
  /** Removes the broker's whole store. Only after `kill`. */
  deleteData(): void;
  /** Freezes every process: connections stay open, and nothing answers. */
  pause(): void;
  resume(): void;
}

/** Starts RocketMQ on free ports with an empty temporary data folder and without topics. */
export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const programs = rocketmqPrograms(process.env, sayToStderr);
  const dir = testDir('mq');
  const ports = await rocketmqPorts('free');
  const topics = new Map<string, TopicType>();
  const groups = new Map<string, number>();
  const modes: readonly RocketmqMode[] = options.separate ? ['namesrv', 'broker', 'proxy'] : ['all'];
  const parts = modes.map((mode) =>
    rocketmqPart({
      mode,
      programs: () => programs,
      ports,
      profile: options.profile ?? 'laptop',
      dataDir: join(dir.path, mode),
      logFile: join(dir.path, `${mode}.log`),
      pidFile: join(dir.path, `${mode}.pid`),
      topology: () => ({ topics, groups }),
      env: process.env,
    }),
  );
  const admin = rocketmqAdmin(ports.admin);
  const byName = new Map(parts.map((part) => [part.spec.name, testPart(part)]));
  const kill = async (): Promise<void> => void (await Promise.all(parts.map((part) => part.kill())));
  const start = async (): Promise<void> => {
    await Promise.all(parts.filter((part) => !part.running).map((part) => part.start({ outlive: false })));
  };
  const stop = async (): Promise<void> => {
    await kill();
    dir.remove();
  };
  await start().catch(async (fault: unknown) => {
    await stop();
    throw fault;
  });
  return {
    endpoints: `127.0.0.1:${ports.grpc}`,
    namesrvAddr: `127.0.0.1:${ports.namesrv}`,
    adminPort: ports.admin,
    parts: byName,
    part: (name) => {
      const part = byName.get(name);
      if (part === undefined) throw new RangeError(`no part ${name} in this test broker`);
      return part;
    },
    createTopic: async (name, type) => {
      topics.set(name, type);
      await admin.createTopic(name, type);
    },
    createGroup: async (name, { retryMaxTimes = 16 } = {}) => {
      groups.set(name, retryMaxTimes);
      await admin.createGroup(name, retryMaxTimes);
    },
    topics: admin.topics,
    queryByKey: admin.queryByKey,
    progress: admin.progress,
    resetOffset: admin.resetOffset,
    stop,
    kill,
    start,
    deleteData: () => {
      for (const part of parts) deleteBrokerData(part.spec.dataDir);
    },
    pause: () => {
      for (const part of parts) part.pause();
    },
    resume: () => {
      for (const part of parts) part.resume();
    },
  };
}

function testPart(part: Part): TestBrokerPart {
  return {
    name: part.spec.name,
    get pid() {
      return part.process?.pid;
    },
    logFile: part.spec.logFile,
    logDir: join(part.spec.dataDir, 'logs'),
    kill: () => part.kill(),
    stop: () => part.stop(),
    start: () => part.start({ outlive: false }),
    pause: () => part.pause(),
    resume: () => part.resume(),
  };
}
