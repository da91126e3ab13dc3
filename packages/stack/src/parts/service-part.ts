import { Part } from './part.js';
import { servesGrpcAt, servesTcp } from './probes.js';

/** A port that shows whether a service is ready: see `PortDescriptor.probe`. */
export interface ServiceProbe {
  readonly kind: 'grpc' | 'tcp';
  /** `host:port`. */
  readonly address: string;
}

/** A Node program that serves, and where it runs. */
export interface ServicePartOptions {
  readonly name: string;
  /** Path of its main module. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly ports: Readonly<Record<string, number>>;
  /** Probes that must all succeed before it is ready. None: it is ready as soon as it runs. */
  readonly probes: readonly ServiceProbe[];
  readonly dataDir: string;
  readonly logFile: string;
  readonly pidFile: string;
  readonly startTimeoutMs?: number;
  readonly stopGraceMs?: number;
}

/** A service of ours (or any Node program that behaves like one) as a part. */
export function servicePart(options: ServicePartOptions): Part {
  return new Part({
    name: options.name,
    prepare: async () => ({
      command: process.execPath,
      args: ['--enable-source-maps', options.entry, ...(options.args ?? [])],
      env: options.env,
    }),
    logFile: options.logFile,
    pidFile: options.pidFile,
    dataDir: options.dataDir,
    ports: options.ports,
    probe: async () => {
      const answers = await Promise.all(
        options.probes.map(({ kind, address }) =>
          kind === 'tcp' ? servesTcp(address) : servesGrpcAt(address),
        ),
      );
      return answers.every(Boolean);
    },
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
    stopGraceMs: options.stopGraceMs ?? 20_000,
  });
}
