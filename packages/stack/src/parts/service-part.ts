import { Part } from './part.js';
import { servesGrpc } from './probes.js';

/** A Node program that serves gRPC with grpc.health.v1, and where it runs. */
export interface ServicePartOptions {
  readonly name: string;
  /** Path of its main module. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly ports: Readonly<Record<string, number>>;
  /** Ports of `ports` that have to say SERVING; empty: ready as soon as it runs. */
  readonly healthPorts: readonly number[];
  /** Where those ports listen. Default 127.0.0.1. */
  readonly healthHost?: string;
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
        options.healthPorts.map((port) => servesGrpc(port, options.healthHost)),
      );
      return answers.every(Boolean);
    },
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
    stopGraceMs: options.stopGraceMs ?? 20_000,
  });
}
