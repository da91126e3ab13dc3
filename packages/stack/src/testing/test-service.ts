import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCodeOf } from '../errors.js';
import { servicePart } from '../parts/service-part.js';
import { testDir } from './test-dir.js';

/** A service process for a test. */
export interface TestServiceOptions {
  readonly name: string;
  /** Path of the service's main module, usually `…/dist/main.js`. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Added to this process' own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ports that must answer grpc.health.v1 with SERVING before the service counts as ready. Default: none. */
  readonly healthPorts?: readonly number[];
  /** Ports that must accept connections before the service counts as ready. Default: none. */
  readonly tcpPorts?: readonly number[];
  /** Default 60 s. */
  readonly startTimeoutMs?: number;
  /** False: returns without waiting until the service is ready. Default true. */
  readonly waitReady?: boolean;
}

/** A running service process. It dies with the test process. */
export interface TestService {
  readonly name: string;
  readonly logFile: string;
  /** The pid, or undefined while it isn't running. */
  readonly pid: number | undefined;
  readonly running: boolean;
  /** Everything the process has written so far. */
  log(): string;
  /** Resolves when the current process has ended. */
  exited(): Promise<void>;
  /** Resolves when the service serves. Throws when it ends first. */
  waitReady(): Promise<void>;
  /** Stops the service in order: SIGTERM, then SIGKILL after 20 s. It may be started again. */
  stop(): Promise<void>;
  /** Kills the service with SIGKILL. It may be started again. */
  kill(): Promise<void>;
  /** Starts the service again, with changed variables if any are given, and waits until it is ready. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  pause(): void;
  resume(): void;
  /** Kills the service and removes its folder and log. */
  remove(): Promise<void>;
}

/** Starts a Node program as a child process and waits until it serves. */
export async function startTestService(options: TestServiceOptions): Promise<TestService> {
  const dir = testDir(options.name);
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env };
  const { healthPorts = [], tcpPorts = [] } = options;
  const part = servicePart({
    name: options.name,
    entry: options.entry,
    args: options.args ?? [],
    env,
    ports: Object.fromEntries([
      ...healthPorts.map((port) => [`grpc-${port}`, port]),
      ...tcpPorts.map((port) => [`tcp-${port}`, port]),
    ]),
    probes: [
      ...healthPorts.map((port) => ({ kind: 'grpc' as const, address: `127.0.0.1:${port}` })),
      ...tcpPorts.map((port) => ({ kind: 'tcp' as const, address: `127.0.0.1:${port}` })),
    ],
    dataDir: dir.path,
    logFile: join(dir.path, 'service.log'),
    pidFile: join(dir.path, 'service.pid'),
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
  });
  const remove = async (): Promise<void> => {
    await part.kill();
    dir.remove();
  };
  try {
    await part.launch({ outlive: false });
    if (options.waitReady ?? true) await part.waitReady();
  } catch (fault) {
    await remove();
    throw fault;
  }
  return {
    name: options.name,
    logFile: part.spec.logFile,
    get pid() {
      return part.process?.pid;
    },
    get running() {
      return part.running;
    },
    log: () => readLog(part.spec.logFile),
    exited: () => part.exited(),
    waitReady: () => part.waitReady(),
    stop: () => part.stop(),
    kill: () => part.kill(),
    start: async (changed = {}) => {
      Object.assign(env, changed);
      await part.start({ outlive: false });
    },
    pause: () => part.pause(),
    resume: () => part.resume(),
    remove,
  };
}

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (fault) {
    if (systemCodeOf(fault) === 'ENOENT') return '';
    throw fault;
  }
}
