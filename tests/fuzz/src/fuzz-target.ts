import fc from 'fast-check';

/** The parts of a target. */
export interface FuzzTargetOptions<T> {
  /** Creates the inputs: plain data, because a failing input is written to a file. */
  readonly input: fc.Arbitrary<T>;
  /** Throws when the code under test breaks its promise for this input. May name what became of it, such as `read`. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most checks return nothing
  readonly check: (input: T) => string | void | Promise<string | void>;
  /** Names that at least one case in a hundred must get. A target whose inputs are all refused shows nothing. */
  readonly reaches?: readonly string[];
}

/** How to run the cases. */
export interface CaseRun {
  readonly cases: number;
  readonly seed: number;
  /** Wraps every case, also those of shrinking. It calls `check` once. */
  readonly around: (input: unknown, check: () => Promise<void>) => Promise<void>;
}

/** A failed case, shrunk as far as possible. */
export interface FailedCase {
  /** Undefined when the cases as a whole show too little. */
  readonly input: unknown;
  readonly error: unknown;
}

/** A fuzz target: a file `<name>.fuzz.ts` beside the code under test exports it as `target`. */
export interface FuzzTarget {
  /** Runs generated cases. Undefined when all held. */
  run(options: CaseRun): Promise<FailedCase | undefined>;
  /** Runs one case. Rejects when it fails. */
  replay(input: unknown): Promise<void>;
}

/** Fewer cases may miss what is rare. */
const CASES_THAT_REACH = 1_000;

/** Makes a target. */
export function fuzzTarget<T>({ input, check, reaches = [] }: FuzzTargetOptions<T>): FuzzTarget {
  return {
    async run({ cases, seed, around }) {
      const counts = new Map<string, number>();
      const property = fc.asyncProperty(input, (value) =>
        around(value, async () => {
          const name = await check(value);
          if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
        }),
      );
      const details = await fc.check(property, { seed, numRuns: cases });
      if (details.failed) return { input: details.counterexample?.[0], error: details.errorInstance };
      const missed = reaches.filter((name) => (counts.get(name) ?? 0) < cases / 100);
      if (cases < CASES_THAT_REACH || missed.length === 0) return undefined;
      const told = JSON.stringify(Object.fromEntries(counts));
      return { input: undefined, error: new Error(`too few cases were ${missed.join(', ')}: ${told}`) };
    },
    // The case that `run` reported comes back unchanged.
    replay: async (value) => void (await check(value as T)),
  };
}
