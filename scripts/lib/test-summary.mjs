// Sums up vitest's results of all packages.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_REASON_CHARS = 1200;
/** Folders of packages. */
const GROUPS = ['packages', 'tests'];

/** Removes the results of earlier runs. turbo restores those of tests that needn't run again. */
export function forgetTestResults(root) {
  for (const { file } of resultFiles(root)) rmSync(file, { force: true });
}

/**
 * Prints one line per package, each failed test with its reason, and a total. Reads each package's test-results.json.
 */
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
  for (const { name, failures } of results)
    for (const failure of failures) process.stdout.write(`\n  FAILED ${name}: ${failure}\n`);
  // A package can fail without a failed test (it doesn't build, a hook throws). That must not look like success.
  if (exitCode !== 0 && sum.failed === 0) sum.failed = 1;
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
  process.stdout.write(`\n${counts(sum)} (${results.length} packages, ${seconds} s)\n`);
}

function readResults(root) {
  return resultFiles(root).map(({ name, file }) => {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return {
      name,
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
      failures: report.testResults.flatMap(describeFailures),
    };
  });
}

/** The failed tests of one spec file. A file that can't be loaded, or whose hook throws, counts as one. */
function describeFailures({ name, status, message, assertionResults }) {
  const file = name.slice(name.lastIndexOf('/src/') + 1);
  const failures = assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => `${file} > ${test.fullName}\n${excerpt(test.failureMessages.join('\n'))}`);
  return failures.length > 0 || status !== 'failed' ? failures : [`${file}\n${excerpt(message)}`];
}

function excerpt(text) {
  return text.slice(0, MAX_REASON_CHARS).replaceAll(/^/gm, '    ');
}

function resultFiles(root) {
  return GROUPS.flatMap((group) => readdirSync(join(root, group)).map((name) => ({ group, name })))
    .map(({ group, name }) => ({ name, file: join(root, group, name, 'test-results.json') }))
    .filter(({ file }) => statSync(file, { throwIfNoEntry: false }) !== undefined);
}

function counts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
