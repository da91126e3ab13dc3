// Adds up what vitest wrote in each package.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Prints a line a package and one for all, from each package's test-results.json. */
export function printTestSummary(root, startedMs, exitCode) {
  const results = readResults(root);
  const sum = { passed: 0, failed: 0, skipped: 0 };
  process.stdout.write('\n');
  for (const { name, passed, failed, skipped } of results) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    process.stdout.write(`  ${name.padEnd(12)} ${counts({ passed, failed, skipped })}\n`);
  }
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
  const verdict = exitCode === 0 ? 'passed' : 'FAILED';
  process.stdout.write(
    `\ntests ${verdict}: ${counts(sum)} in ${results.length} packages, ${seconds} s\n${counts(sum)}\n`,
  );
}

function readResults(root) {
  const packages = join(root, 'packages');
  return readdirSync(packages)
    .map((name) => ({ name, file: join(packages, name, 'test-results.json') }))
    .filter(({ file }) => statSync(file, { throwIfNoEntry: false }) !== undefined)
    .map(({ name, file }) => {
      const report = JSON.parse(readFileSync(file, 'utf8'));
      return {
        name,
        passed: report.numPassedTests,
        failed: report.numFailedTests,
        skipped: report.numPendingTests + report.numTodoTests,
      };
    });
}

function counts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
