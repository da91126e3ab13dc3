/** What happens when the code reaches a named point. Points do nothing until `armFailpoints` arms them. */
export interface Failpoint {
  /** `<service>.<point>` in kebab-case, such as `stock.before-commit`. */
  readonly name: string;
  /** Acts at this passage only, counted from 1. Without it the point acts at every passage. */
  readonly nth?: number;
  /** The action. The code continues when the action has ended, and fails when it throws. */
  readonly act: () => Promise<void> | void;
}

/** What the action `error` throws. It has no error number of a database or broker, so no code retries it by number. */
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
 * Arms failpoints for this process and disarms those armed before. An empty list disarms all. For crash tests only.
 *
 * @param onAct called just before a point acts, so a test can see that the point was reached
 */
export function armFailpoints(points: readonly Failpoint[], onAct: (name: string) => void = () => {}): void {
  armed =
    points.length === 0
      ? undefined
      : { points: new Map(points.map((point) => [point.name, { ...point, passages: 0 }])), onAct };
}

/** Marks a point at which a test can stop, delay or fail this process. Costs one check while nothing is armed. */
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
