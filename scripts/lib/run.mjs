// Child processes of the starter.
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repoRoot = fileURLToPath(new URL('../../', import.meta.url));
const turbo = join(repoRoot, 'node_modules', 'turbo', 'bin', 'turbo');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs a program on our terminal and passes on signals. Resolves to its exit code. */
export function runProgram(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    // We end after the child: it may have things to stop first.
    const handOn = (signal) => child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, handOn);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of SIGNALS) process.off(name, handOn);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** Runs a script with this Node. */
export function runNode(args) {
  return runProgram(process.execPath, args);
}

/** Runs turbo on our terminal. Tests start servers, so at most half as many packages as cores run at once. */
export function runTurbo(args) {
  const concurrency = Math.max(1, Math.floor(cpus().length / 2));
  return runProgram(process.execPath, [turbo, ...args, `--concurrency=${concurrency}`], quietTurbo());
}

/** Runs a program and keeps its output. Resolves to its exit code and the output. */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: quietTurbo(),
      cwd: repoRoot,
      ...options,
    });
    let output = '';
    const keep = (piece) => {
      output += piece;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs turbo and keeps its output. */
export function runTurboQuietly(args) {
  return runQuietly(process.execPath, [turbo, ...args]);
}

function quietTurbo() {
  return { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
}
