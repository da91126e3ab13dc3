import { parseArgs } from 'node:util';
import { FAULT_NAMES, type FaultName } from './nemesis/fault-kinds.js';

/** The options of a chaos run. */
export interface ChaosOptions {
  /** How long faults and orders continue; starting and settling take additional time. */
  readonly minutes: number;
  /** Determines the faults and the orders: the same seed gives the same plan of both. */
  readonly seed: number;
  /** The most workload steps per second. */
  readonly maxRate: number;
  /** The kinds of faults to inject. */
  readonly faults: readonly FaultName[];
  /** Keeps history and dumps also when the run passes. */
  readonly keep: boolean;
}

/** The command line is wrong; the message says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(`${message}\n\n${USAGE}`);
    this.name = 'UsageError';
  }
}

const USAGE = `usage: pnpm chaos [--minutes M] [--seed S] [--rate R] [--faults A,B] [--keep]
  --minutes M  how long faults and orders go on (0.1 to 600, default 2)
  --seed S     a whole number; gives the same faults and orders again (default: by chance)
  --rate R     steps of the workload a second at most (10 to 2000, default 300)
  --faults A,B only these kinds of faults; a trailing * stands for the rest of a name (default: all)
  --keep       keep history and databases also when the run passes`;

const MAX_SEED = 2 ** 32 - 1;

/** Reads the command line. Throws UsageError. */
export function parseChaosOptions(args: readonly string[], random: () => number = Math.random): ChaosOptions {
  const { minutes, seed, rate, faults, keep } = parse(args.filter((arg) => arg !== '--'));
  return {
    minutes: readNumber('minutes', minutes, 0.1, 600),
    seed: seed === undefined ? Math.floor(random() * 1e9) : readWholeNumber('seed', seed, 0, MAX_SEED),
    maxRate: readNumber('rate', rate, 10, 2_000),
    faults: readFaults(faults),
    keep,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '2' },
        seed: { type: 'string' },
        rate: { type: 'string', default: '300' },
        faults: { type: 'string', default: '*' },
        keep: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readFaults(text: string): FaultName[] {
  const chosen = text.split(',').flatMap((pattern) => {
    const matches = pattern.endsWith('*')
      ? FAULT_NAMES.filter((name) => name.startsWith(pattern.slice(0, -1)))
      : FAULT_NAMES.filter((name) => name === pattern);
    if (matches.length === 0) {
      throw new UsageError(`--faults: there is no kind ${pattern}; there are ${FAULT_NAMES.join(', ')}`);
    }
    return matches;
  });
  return FAULT_NAMES.filter((name) => chosen.includes(name));
}

function readNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max)) {
    throw new UsageError(`--${name} must be a number from ${min} to ${max}`);
  }
  return value;
}

function readWholeNumber(name: string, text: string, min: number, max: number): number {
  const value = readNumber(name, text, min, max);
  if (!Number.isInteger(value)) throw new UsageError(`--${name} must be a whole number`);
  return value;
}
