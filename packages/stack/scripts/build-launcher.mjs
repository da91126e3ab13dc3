// Compiles launcher/src into launcher/txmsg-launcher.jar, which is committed, so that people need no compiler.
// Needs a JDK (`javac`, `jar`) on PATH and the built package. Usage: pnpm build && pnpm build:launcher
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sayToStderr } from '../dist/fetch/progress.js';
import { launcherJar, rocketmqJars } from '../dist/fetch/rocketmq-jars.js';

const sourceDir = fileURLToPath(new URL('../launcher/src/', import.meta.url));
const sources = readdirSync(sourceDir, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.java'))
  .sort()
  .map((name) => join(sourceDir, name));
const classPath = (await rocketmqJars(process.env, sayToStderr)).join(delimiter);
const classes = mkdtempSync(join(tmpdir(), 'txmsg-launcher-'));
try {
  execFileSync('javac', ['--release', '11', '-proc:none', '-cp', classPath, '-d', classes, ...sources], {
    stdio: 'inherit',
  });
  // A fixed date makes the same jar from the same sources.
  execFileSync(
    'jar',
    ['--create', '--file', launcherJar, '--date=2026-01-01T00:00:00Z', '-C', classes, '.'],
    { stdio: 'inherit' },
  );
} finally {
  rmSync(classes, { recursive: true, force: true });
}
