// Node and pnpm in the versions that this project needs, installed through npm into the cache folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { runProgram } from './run.mjs';

const OLDEST_NODE = [22, 12];
const NODE_PACKAGE = 'node@24';
const PNPM_VERSION = '12.21.0';
const onWindows = process.platform === 'win32';

/** Path of a newer Node to continue with, or undefined when this one is new enough. */
export async function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  if (process.env.TXMSG_NODE_REPLACED)
    throw new Error(`Node ${process.version} is too old and could not be replaced`);
  const binary = join('node_modules', 'node', 'bin', onWindows ? 'node.exe' : 'node');
  const directory = installTool(
    'node-24',
    NODE_PACKAGE,
    binary,
    `Node ${process.version} is older than ${OLDEST_NODE.join('.')}: fetching Node 24 through npm, once`,
  );
  const path = join(directory, binary);
  say(
    `continuing with Node ${spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim()} (this is ${process.version})`,
  );
  return path;
}

/** Runs the same command with another Node, which comes first on PATH. Resolves to its exit code. */
export function reexec(node, args) {
  return runProgram(node, args, { ...withPath(dirname(node)), TXMSG_NODE_REPLACED: process.version });
}

/** Puts the pinned pnpm first on the PATH of this process and its children; turbo needs it there. */
export async function ensurePnpm() {
  const binary = join('node_modules', '.bin', onWindows ? 'pnpm.cmd' : 'pnpm');
  const directory = installTool(
    `pnpm-${PNPM_VERSION}`,
    `pnpm@${PNPM_VERSION}`,
    binary,
    `fetching pnpm ${PNPM_VERSION} through npm, once`,
  );
  const folders = [dirname(process.execPath), join(directory, 'node_modules', '.bin')];
  Object.assign(process.env, withPath(folders.join(delimiter)));
}

/** Writes a line to standard error: standard output belongs to the command. */
export function say(line) {
  process.stderr.write(`txmsg: ${line}\n`);
}

function withPath(first) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...process.env, [name]: `${first}${delimiter}${process.env[name] ?? ''}` };
}

/** Installs an npm package into its own folder of the cache. The folder gets its name when it is complete and works. */
function installTool(name, spec, binary, message) {
  const tools = join(cacheDir(), 'tools');
  const directory = join(tools, `${name}-${process.platform}-${process.arch}`);
  if (existsSync(join(directory, binary))) return directory;
  say(message);
  mkdirSync(tools, { recursive: true });
  const temporary = mkdtempSync(`${directory}.tmp-`);
  try {
    writeFileSync(join(temporary, 'package.json'), '{"private":true}\n');
    npmInstall(spec, temporary);
    completeInstall(temporary, spec, binary);
    place(temporary, directory, binary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return directory;
}

function npmInstall(spec, directory) {
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--loglevel=error',
    '--ignore-scripts=false',
    spec,
  ];
  const { status, stdout, stderr, error } = spawnSync('npm', args, {
    cwd: directory,
    encoding: 'utf8',
    shell: onWindows,
  });
  if (error !== undefined) throw new Error(`npm can't be run: ${error.message}`);
  if (status !== 0) throw new Error(`npm install ${spec} failed:\n${stdout}${stderr}`);
}

/**
 * An npm that skips install scripts leaves the packages without their binary, so we run those two scripts ourselves.
 */
function completeInstall(directory, spec, binary) {
  if (works(directory, binary)) return;
  const name = spec.slice(0, spec.indexOf('@'));
  const script = { node: 'installArchSpecificPackage.js', pnpm: 'install.js' }[name];
  const cwd = join(directory, 'node_modules', name);
  const { stdout, stderr } = spawnSync(process.execPath, [script], { cwd, encoding: 'utf8' });
  if (!works(directory, binary))
    throw new Error(`${spec} was installed but doesn't run:\n${stdout}${stderr}`);
}

function works(directory, binary) {
  return (
    spawnSync(join(directory, binary), ['--version'], { shell: onWindows, stdio: 'ignore' }).status === 0
  );
}

/** Another run may have been faster; its folder is as good as ours. */
function place(temporary, directory, binary) {
  try {
    renameSync(temporary, directory);
  } catch (fault) {
    if (!existsSync(join(directory, binary))) throw fault;
  }
}

function cacheDir() {
  return (
    process.env.TXMSG_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'txmsg')
  );
}
