import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { sleep } from '@txmsg/core';
import { StackError } from '../errors.js';
import { isPortFree } from '../ports.js';
import { freeze } from '../process/freeze.js';
import { orphanGuard } from '../process/guard.js';
import { identify, isAlive, type ProcessIdentity, signalProcess } from '../process/identity.js';
import { readPidFile, removePidFile, writePidFile } from '../process/pid-file.js';
import { waitFor } from '../wait.js';
import { lastLines, rotate } from './log-file.js';
import type { PartSpec, StartOptions } from './part-spec.js';

/**
 * One child process of the stack, in its own process group, so a terminal's Ctrl-C doesn't reach it. A pid file
 * identifies it to later commands; signals go only to the very process that the file names.
 */
export class Part {
  readonly spec: PartSpec;
  #child: ChildProcess | undefined;
  #lastExit = 'not seen';

  constructor(spec: PartSpec) {
    this.spec = spec;
  }

  /** The running process, whoever started it. */
  get process(): ProcessIdentity | undefined {
    return readPidFile(this.spec.pidFile);
  }

  /** How its process ended last, for people, if this object started it. */
  get lastExit(): string {
    return this.#lastExit;
  }

  /** True while its process runs. */
  get running(): boolean {
    return this.process !== undefined;
  }

  /** Starts the process and returns when it is ready. Throws PART_DIED or START_TIMEOUT with the log's end. */
  async start(options: StartOptions): Promise<void> {
    await this.launch(options);
    await this.waitReady();
  }

  /** Starts the process without waiting until it is ready. */
  async launch(options: StartOptions): Promise<void> {
    const { spec } = this;
    if (this.running) throw new StackError('ALREADY_RUNNING', `${spec.name} is already running`);
    const { command, args, env } = await spec.prepare();
    await requireFreePorts(spec);
    for (const dir of [dirname(spec.logFile), dirname(spec.pidFile), spec.dataDir])
      mkdirSync(dir, { recursive: true });
    rotate(spec.logFile);
    const log = openSync(spec.logFile, 'a');
    try {
      const child = spawn(command, args, {
        env,
        stdio: ['ignore', log, log],
        detached: true,
      });
      await spawned(child, spec.name);
      this.#adopt(child, options);
    } finally {
      closeSync(log);
    }
  }

  #adopt(child: ChildProcess, options: StartOptions): void {
    child.once('exit', (code, signal) => {
      this.#lastExit = signal === null ? `exit code ${code}` : `signal ${signal}`;
    });
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity === undefined) return; // already ended; waitReady reports it
    this.#child = child;
    writePidFile(this.spec.pidFile, identity);
    child.unref(); // waiting callers keep us alive themselves; the guard ends it if we end first
    if (options.outlive) return;
    const guard = orphanGuard();
    guard.watch(identity, options.orphanGraceMs ?? 0);
    child.once('exit', () => guard.forget(identity));
  }

  /** Returns when the part answers. Throws PART_DIED or START_TIMEOUT with the end of its log. */
  async waitReady(signal?: AbortSignal): Promise<void> {
    const { spec } = this;
    const what = `${spec.name} is ready`;
    try {
      await waitFor(() => this.#isReady(), {
        timeoutMs: spec.startTimeoutMs,
        what,
        ...(signal && { signal }),
      });
    } catch (fault) {
      if (!(fault instanceof StackError)) throw fault;
      throw new StackError(
        fault.code,
        `${fault.message}\n${lastLines(spec.logFile, 15)}\n(log: ${spec.logFile})`,
      );
    }
  }

  async #isReady(): Promise<boolean> {
    if (!this.running) throw new StackError('PART_DIED', `${this.spec.name} ended before it was ready`);
    return this.spec.probe();
  }

  /** True when it runs and answers. */
  async ready(): Promise<boolean> {
    return this.running && (await this.spec.probe());
  }

  /** Resolves when the current process has ended; at once when none runs. */
  async exited(): Promise<void> {
    const identity = this.process;
    if (identity === undefined) return;
    const child = this.#child;
    if (child?.pid === identity.pid && child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => child.once('exit', resolve));
    } else {
      while (isAlive(identity)) await sleep(100);
    }
  }

  /** Asks the process to end (SIGTERM) and kills it after the grace time. */
  async stop(graceMs = this.spec.stopGraceMs): Promise<void> {
    const identity = this.process;
    if (identity === undefined) return removePidFile(this.spec.pidFile);
    signalProcess(identity, 'SIGCONT'); // a paused process can't take the signal
    signalProcess(identity, 'SIGTERM');
    const deadline = performance.now() + graceMs;
    while (isAlive(identity) && performance.now() < deadline) await sleep(20);
    await this.kill();
  }

  /** Ends the process with SIGKILL and returns when it is gone. */
  async kill(): Promise<void> {
    const identity = this.process;
    if (identity !== undefined) {
      signalProcess(identity, 'SIGKILL');
      while (isAlive(identity)) await sleep(5);
    }
    removePidFile(this.spec.pidFile);
  }

  /** Freezes the process (SIGSTOP): its connections stay open, and it answers nothing. */
  pause(): void {
    this.#withProcess(freeze);
  }

  /** Lets a paused process continue. */
  resume(): void {
    this.#withProcess((identity) => signalProcess(identity, 'SIGCONT'));
  }

  #withProcess(act: (identity: ProcessIdentity) => boolean): void {
    const identity = this.process;
    if (identity === undefined || !act(identity)) {
      throw new StackError('PART_DIED', `${this.spec.name} isn't running`);
    }
  }
}

/** Another program on a port of ours would answer in our part's place. */
async function requireFreePorts({ name, ports }: PartSpec): Promise<void> {
  for (const [purpose, port] of Object.entries(ports)) {
    if (await isPortFree(port)) continue;
    throw new StackError(
      'PORT_TAKEN',
      `port ${port} (${name}, ${purpose}) was taken by another program meanwhile`,
    );
  }
}

function spawned(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(new StackError('PART_DIED', `${name} can't be started: ${cause.message}`, { cause }));
    });
  });
}
