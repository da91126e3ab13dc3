#!/usr/bin/env node
// The starter behind `npm start`, `npm test` and similar commands. It runs on Node 18 and needs nothing installed. It
// ensures a new enough Node, pnpm, the dependencies and the build, and then runs the command.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { check, generate } from './lib/check.mjs';
import { runNode, runTurbo } from './lib/run.mjs';
import { ensureBuilt, repoRoot } from './lib/setup.mjs';
import { forgetTestResults, printTestSummary } from './lib/test-summary.mjs';
import { ensureNode, ensurePnpm, reexec } from './lib/tools.mjs';

const STACK_COMMANDS = ['start', 'up', 'down', 'reset', 'status', 'migrate'];
// These need nothing but the stack's own code, once it has been built.
const WITHOUT_BUILD = ['down', 'reset', 'status'];
const PROGRAMS = {
  audit: 'packages/relay/dist/audit-command.js',
  bench: 'tests/bench/dist/cli.js',
  chaos: 'tests/chaos/dist/cli.js',
  fuzz: 'tests/fuzz/dist/cli.js',
};
const CHECKS = { check, generate };

await main(process.argv.slice(2)).catch((fault) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : fault}\n`);
  process.exitCode = 1;
});

async function main([command, ...args]) {
  const known = [...STACK_COMMANDS, ...Object.keys(PROGRAMS), ...Object.keys(CHECKS), 'test'];
  if (!known.includes(command))
    throw new Error(`usage: node scripts/txmsg.mjs <${known.join('|')}> [options]`);
  const newNode = await ensureNode();
  if (newNode !== undefined) {
    process.exitCode = await reexec(newNode, process.argv.slice(1));
    return;
  }
  await ensurePnpm();
  await ensureBuilt({ everything: !WITHOUT_BUILD.includes(command) });
  if (command === 'test') await test(args);
  else if (command in CHECKS) process.exitCode = await CHECKS[command]();
  else if (command in PROGRAMS)
    process.exitCode = await runNode([join(repoRoot, PROGRAMS[command]), ...args]);
  else await stack(command, args);
}

/** Runs in this very process, so signals and standard output are the command's own. */
async function stack(command, args) {
  const { runCli } = await import(pathToFileURL(join(repoRoot, 'packages/stack/dist/cli.js')).href);
  await runCli([command, ...args], process.env);
}

async function test(args) {
  const started = Date.now();
  forgetTestResults(repoRoot);
  const given = args.filter((arg) => arg !== '--');
  process.exitCode = await runTurbo(['run', 'test', '--continue', ...given]);
  printTestSummary(repoRoot, started, process.exitCode);
}
