import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type FoundTarget, findTargets } from './find-targets.js';
import { FuzzError, runTarget } from './run-target.js';

const PACKAGES = new URL('../../../packages/', import.meta.url);
const DEFAULT_CASES = 100_000;

const USAGE = `usage: npm run fuzz -- [options]
  --cases <n>      cases of each target; default ${DEFAULT_CASES.toLocaleString('en-US')} (some minutes)
  --seed <n>       the cases of an earlier run
  --only <name>    one target, with or without its package: relay/handle, handle
  --replay <file>  run the case that a failure has written to fuzz-failures/`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      cases: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
      replay: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  if (values.replay !== undefined) return replay(resolve(process.env.INIT_CWD ?? '.', values.replay));
  const cases = wholeNumber('--cases', values.cases) ?? DEFAULT_CASES;
  const seed = wholeNumber('--seed', values.seed);
  let failed = 0;
  for (const target of choose(values.only)) {
    if (!(await runOne(target, { cases, ...(seed !== undefined && { seed }) }))) failed += 1;
  }
  return failed === 0 ? 0 : 1;
}

async function replay(file: string): Promise<number> {
  const { name, seed, replay: input } = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof input !== 'string') throw new Error(`${file} has no case: run --only ${name} --seed ${seed}`);
  const [target] = choose(String(name));
  if (!target) throw new Error(`no target is called ${name}`);
  return (await runOne(target, { cases: 1, seed: Number(seed), replay: Buffer.from(input, 'base64') }))
    ? 0
    : 1;
}

async function runOne(target: FoundTarget, options: Parameters<typeof runTarget>[1]): Promise<boolean> {
  try {
    const { cases, seed, peakMib, elapsedMs } = await runTarget(target, options);
    const seconds = (elapsedMs / 1_000).toFixed(1);
    say(`${target.name}: ${cases} cases, seed ${seed}, ${seconds} s, ${peakMib.toFixed(0)} MiB at most`);
    return true;
  } catch (error) {
    if (!(error instanceof FuzzError)) throw error;
    say(`${target.name}: FAILED\n${error.message}`);
    return false;
  }
}

function choose(only: string | undefined): FoundTarget[] {
  const all = readdirSync(PACKAGES)
    .filter((name) => existsSync(new URL(`${name}/package.json`, PACKAGES)))
    .flatMap((name) => findTargets(new URL(`${name}/`, PACKAGES)));
  if (only === undefined) return all;
  const chosen = all.filter(({ name }) => name === only || name.endsWith(`/${only}`));
  if (chosen.length > 0) return chosen;
  throw new TypeError(`--only: ${only}: not among ${all.map(({ name }) => name).join(', ')}`);
}

/** @throws TypeError when it isn't a number above 0 */
function wholeNumber(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given.replaceAll(/[_,]/g, ''));
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`${option}: not a whole number above 0: ${given}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
