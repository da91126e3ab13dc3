import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Setting } from './config/load-config.js';

/** What happens when the code comes to a named point; nothing does unless `armFailpoints` was called with it. */
export interface Failpoint {
  /** `<service>.<point>` in kebab-case, such as `stock.before-commit`. */
  readonly name: string;
  /** Acts at this passage only, counted from 1; at every passage when it isn't set. */
  readonly nth?: number;
  /** What is done there; the code goes on when it has ended and fails when it throws. */
  readonly act: () => Promise<void> | void;
}

/** What the action `error` throws. It looks like no error of a database or broker, so that nothing retries it by number. */
export class FailpointError extends Error {
  constructor(name: string) {
    super(`failpoint ${name}`);
    this.name = 'FailpointError';
  }
}

interface ArmedFailpoint extends Failpoint {
  passages: number;
}

interface ArmedFailpoints {
  readonly points: ReadonlyMap<string, ArmedFailpoint>;
  readonly onAct: (name: string) => void;
}

// The one deliberate exception to "no global state": a crash point belongs to the process that it crashes.
let armed: ArmedFailpoints | undefined;

/**
 * Arms failpoints for this process, in place of those armed before; an empty list disarms. For crash tests only.
 *
 * @param onAct called just before a point acts, so that a test can see that it was reached
 */
export function armFailpoints(points: readonly Failpoint[], onAct: (name: string) => void = () => {}): void {
  armed =
    points.length === 0
      ? undefined
      : { points: new Map(points.map((point) => [point.name, { ...point, passages: 0 }])), onAct };
}

/** Marks a point at which a test can stop, delay or fail this process. Costs one check when none is armed. */
export function failpoint(name: string): Promise<void> | void {
  if (armed !== undefined) return pass(armed, name);
}

function pass({ points, onAct }: ArmedFailpoints, name: string): Promise<void> | void {
  const point = points.get(name);
  if (!point) return;
  point.passages += 1;
  if (point.nth !== undefined && point.nth !== point.passages) return;
  onAct(name);
  return point.act();
}

const MESSAGE =
  'must be a list like a.point=exit,b.point=pause:500@2,c.point=error (exit, pause[:ms], error; @nth)';
const ENTRY = /^([a-z0-9.-]+)=(?:(exit|error)|pause(?::(\d{1,9}))?)(?:@([1-9]\d{0,8}))?$/;
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * A setting that arms failpoints: `name=action`, several separated by commas. `exit` kills the process as `kill -9`
 * does, `pause` waits for so many milliseconds (for ever without a number), `error` throws FailpointError; `@n` picks
 * the n-th passage.
 */
export function failpoints(row: Omit<Setting<Failpoint[]>, 'schema'>): Setting<Failpoint[]> {
  const schema = z
    .string()
    .transform((value) => value.split(',').filter((entry) => entry !== ''))
    .refine((entries) => entries.every((entry) => ENTRY.test(entry)), MESSAGE)
    .transform((entries) => entries.map(parseEntry));
  return { ...row, schema };
}

function parseEntry(entry: string): Failpoint {
  const [, name = '', action, pauseMs, nth] = ENTRY.exec(entry) ?? [];
  return { name, act: actionOf(name, action, pauseMs), ...(nth === undefined ? {} : { nth: Number(nth) }) };
}

function actionOf(name: string, action: string | undefined, pauseMs: string | undefined): Failpoint['act'] {
  if (action === 'error') {
    return () => {
      throw new FailpointError(name);
    };
  }
  if (action === 'exit') return dieAtOnce;
  return async () => {
    await wait(pauseMs === undefined ? LONGEST_WAIT_MS : Number(pauseMs));
  };
}

/** No exit handler runs and nothing is flushed, as with `kill -9`; the wait covers the moment until the signal arrives. */
async function dieAtOnce(): Promise<void> {
  process.kill(process.pid, 'SIGKILL');
  await wait(LONGEST_WAIT_MS);
}
