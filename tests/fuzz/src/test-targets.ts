import { findTargets } from './find-targets.js';
import { runTarget } from './run-target.js';

/** A test for each target of a package. */
export interface TargetTest {
  readonly name: string;
  /** Runs 2,000 random cases. Throws FuzzError, with the seed, for a case that fails. */
  readonly run: () => Promise<void>;
}

const CASES = 2_000;

/**
 * The fuzz tests of a package's ordinary spec run.
 *
 * @throws Error when no target is built
 */
export function targetTests(packageFolder: URL): TargetTest[] {
  const targets = findTargets(packageFolder);
  if (targets.length === 0)
    throw new Error(`no fuzz target is built in ${packageFolder.pathname}: build the package`);
  return targets.map((target) => ({
    name: target.name,
    run: async () => void (await runTarget(target, { cases: CASES })),
  }));
}
