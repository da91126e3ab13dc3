// Compiles launcher/src into launcher/txmsg-launcher.jar, and writes launcher/classes.lst, the classes that a start
// loads. Both are committed, so users need no compiler and starts are fast.
// Needs a JDK 17 or newer (`java`, `javac`, `jar`) on PATH and the built package. Usage: pnpm build && pnpm
// build:launcher
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sayToStderr } from '../dist/fetch/progress.js';
import { launcherJar, rocketmqJars } from '../dist/fetch/rocketmq-jars.js';
import { rocketmqAdmin } from '../dist/parts/rocketmq-admin.js';
import { rocketmqPart } from '../dist/parts/rocketmq-part.js';
import { rocketmqPorts } from '../dist/parts/rocketmq-ports.js';

const sourceDir = fileURLToPath(new URL('../launcher/src/', import.meta.url));
const sources = readdirSync(sourceDir, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.java'))
  .sort()
  .map((name) => join(sourceDir, name));
const jars = await rocketmqJars(process.env, sayToStderr);
const work = mkdtempSync(join(tmpdir(), 'txmsg-launcher-'));
const classes = join(work, 'classes');
try {
  execFileSync(
    'javac',
    ['--release', '11', '-proc:none', '-cp', jars.join(delimiter), '-d', classes, ...sources],
    {
      stdio: 'inherit',
    },
  );
  // A fixed date makes the same jar from the same sources.
  execFileSync(
    'jar',
    ['--create', '--file', launcherJar, '--date=2026-01-01T00:00:00Z', '-C', classes, '.'],
    { stdio: 'inherit' },
  );
  await writeClassList(join(work, 'classes.lst'));
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Starts everything once, uses it a little, and keeps the names of the classes that were loaded. */
async function writeClassList(loaded) {
  const ports = await rocketmqPorts('free');
  const part = rocketmqPart({
    mode: 'all',
    programs: async () => ({
      java: { binary: 'java' },
      classPath: [launcherJar, ...jars],
      classArchive: undefined,
    }),
    ports,
    profile: 'laptop',
    dataDir: join(work, 'data'),
    logFile: join(work, 'log'),
    pidFile: join(work, 'pid'),
    topology: () => ({ topics: new Map([['a', 'TRANSACTION']]), groups: new Map([['g', 16]]) }),
    env: { ...process.env, JDK_JAVA_OPTIONS: `-XX:DumpLoadedClassList=${loaded}` },
  });
  try {
    await part.start({ outlive: false });
    const admin = rocketmqAdmin(ports.admin);
    await Promise.all([admin.queryByKey('a', 'k'), admin.progress('g'), admin.resetOffset('g', 'a', 0)]);
  } finally {
    await part.stop();
  }
  // Lines that begin with @, and text after a class name, belong to one Java version. Generated classes have no source.
  const names = readFileSync(loaded, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !/^[@#]|\$\$(Lambda|Generated)|LambdaForm|source:/.test(line))
    .map((line) => line.split(' ')[0]);
  writeFileSync(new URL('../launcher/classes.lst', import.meta.url), `${[...new Set(names)].join('\n')}\n`);
}
