// What CI checks besides the tests: lint, types, build, imports, dependencies, what the pages name, and generated files
// that differ from the committed ones.
import { join } from 'node:path';
import { checkArrows } from './check-arrows.mjs';
import { checkPages } from './check-pages.mjs';
import { runNode, runProgram, runTurbo } from './run.mjs';
import { repoRoot } from './setup.mjs';

// `pnpm generate` writes these; nobody edits them.
const GENERATED = ['packages/contracts/src/gen', 'docs/configuration.md', '.env.example', 'proto'];

/** Runs the checks in turn, until one fails. Returns the exit code. */
export async function check() {
  const steps = [
    () => runNode([join(repoRoot, 'node_modules/@biomejs/biome/bin/biome'), 'check', '.']),
    checkArrows,
    checkPages,
    () => runTurbo(['run', 'build', 'typecheck', 'lint']),
    // Dependencies that nothing imports, and imports without a dependency.
    () => runNode([join(repoRoot, 'node_modules/knip/bin/knip.js'), '--dependencies']),
    generate,
    () => runProgram('git', ['diff', '--exit-code', '--stat', '--', ...GENERATED]),
  ];
  for (const step of steps) {
    const code = await step();
    if (code !== 0) return code;
  }
  return 0;
}

/** Writes everything that is generated: the contracts, and the pages about the settings. */
export async function generate() {
  const code = await runTurbo(['run', 'generate']);
  return code === 0 ? runNode([join(repoRoot, 'scripts/write-settings.mjs')]) : code;
}
