import { type ChildProcess, fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { BOUNDS, type Bounds } from './bounds.js';
import { deserializeCase, readCaseCount, readLastCase } from './child/case-file.js';
import type { ChildAnswer, ChildJob } from './child/protocol.js';
import type { FoundTarget } from './find-targets.js';

/** How a target is run. */
export interface FuzzOptions {
  readonly cases: number;
  /** Seed of the cases; random when it isn't given. */
  readonly seed?: number;
  /** Run only this case, as a failure's file has it. */
  readonly replay?: Uint8Array;
  /** Where failing cases are written. Default: `fuzz-failures` in the working folder. */
  readonly failureDir?: string;
  readonly bounds?: Bounds;
}

/** What a run has shown. */
export interface FuzzResult {
  readonly cases: number;
  readonly seed: number;
  /** Peak resident size of the child. */
  readonly peakMib: number;
  readonly elapsedMs: number;
}

/** A case that failed. Its file has the input; `npm run fuzz -- --replay <file>` runs it again. */
export class FuzzError extends Error {
  readonly file: string;

  constructor(message: string, file: string) {
    super(message);
    this.name = 'FuzzError';
    this.file = file;
  }
}

type Failure = { readonly why: string; readonly input: Uint8Array | undefined };

const CHILD = fileURLToPath(new URL('./child/main.js', import.meta.url));
const LOOK_MS = 100;
const MAX_SEED = 2 ** 31 - 1;
const SHOWN_CHARACTERS = 2_000;

/**
 * Runs a target in a process of its own, within bounds for its heap, its resident memory, the CPU per case, and the
 * time without progress.
 *
 * @throws FuzzError for a case that fails, hangs, or exceeds a bound
 */
export async function runTarget(target: FoundTarget, options: FuzzOptions): Promise<FuzzResult> {
  const { cases, seed = randomInt(1, MAX_SEED), replay, bounds = BOUNDS } = options;
  const start = performance.now();
  const dir = mkdtempSync(join(tmpdir(), 'txmsg-fuzz-'));
  const caseFile = join(dir, 'case');
  writeFileSync(caseFile, '');
  const child = fork(CHILD, {
    execArgv: [`--max-old-space-size=${bounds.heapMib}`, '--enable-source-maps'],
    env: { ...process.env, NODE_OPTIONS: '' },
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  try {
    const job: ChildJob = { file: target.file, cases, seed, bounds, caseFile, ...(replay && { replay }) };
    const answer = await outcomeOf(child, job);
    if (answer.kind === 'failed') throw report(target, seed, answer, options.failureDir);
    return { cases: answer.cases, seed, peakMib: answer.peakMib, elapsedMs: performance.now() - start };
  } finally {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

type Outcome = Extract<ChildAnswer, { kind: 'passed' }> | ({ readonly kind: 'failed' } & Failure);

async function outcomeOf(child: ChildProcess, job: ChildJob): Promise<Outcome> {
  const { caseFile, bounds } = job;
  let answer: ChildAnswer | undefined;
  let ended: string | undefined;
  let told = '';
  child.on('message', (message: ChildAnswer) => {
    answer ??= message;
  });
  child.stderr?.on('data', (piece: Buffer) => {
    told = `${told}${piece}`.slice(-SHOWN_CHARACTERS);
  });
  child.once('error', (error) => {
    ended = String(error);
  });
  child.once('close', (code, signal) => {
    ended = signal ?? `exit code ${code}`;
  });
  child.send(job);
  let seen = 0;
  let seenAtMs = performance.now();
  for (;;) {
    await sleep(LOOK_MS);
    if (answer) return answer;
    if (ended !== undefined) {
      return { kind: 'failed', why: `the process ended (${ended})\n${told}`, input: readLastCase(caseFile) };
    }
    const begun = readCaseCount(caseFile);
    if (begun !== seen) seenAtMs = performance.now();
    else if (performance.now() - seenAtMs > bounds.hangMs) {
      return { kind: 'failed', why: `no end after ${bounds.hangMs} ms`, input: readLastCase(caseFile) };
    }
    seen = begun;
  }
}

/** Writes the failing case to a file and returns a line that says where. */
function report({ name }: FoundTarget, seed: number, { why, input }: Failure, failureDir = 'fuzz-failures') {
  const dir = resolve(failureDir);
  const file = join(dir, `${name.replaceAll('/', '-')}-${seed}.json`);
  const shown = input === undefined ? 'none was begun' : fc.stringify(deserializeCase(input));
  const replay = input && Buffer.from(input).toString('base64');
  mkdirSync(dir, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ name, seed, why, input: shown, replay }, null, 2)}\n`);
  const cut = shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown;
  return new FuzzError(`${name}, seed ${seed}: ${why}\ninput: ${cut}\nwritten to ${file}`, file);
}
