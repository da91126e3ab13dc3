/** Notices that an address leads to another server than before. */
export interface ServerWatch {
  /** Reports which server a new connection has reached. */
  saw(server: string): void;
}

/** Callbacks for a change of the server. */
export interface ServerWatchOptions {
  /** Called at a change, unless the address alternates between several servers, as a balancer's does. */
  readonly onOther: () => void;
  /** Called for a server that wasn't seen for a minute. */
  readonly onNew: (server: string, before: string) => void;
  /** A monotonic clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

const REMEMBER_MS = 60_000;
/** Servers that were left and came back. A switch there and back has one; a switch that failed at first has two. */
const RETURNS_OF_BALANCER = 3;

/** Creates a watch that has seen nothing yet. */
export function createServerWatch({
  onOther,
  onNew,
  now = () => performance.now(),
}: ServerWatchOptions): ServerWatch {
  let current: string | undefined;
  /** A change happened that was not reported. */
  let untold = false;
  const seenAt = new Map<string, number>();
  let returnedAt: number[] = [];
  return {
    saw(server) {
      const before = current;
      const at = now();
      for (const [name, time] of seenAt) if (at - time > REMEMBER_MS) seenAt.delete(name);
      returnedAt = returnedAt.filter((time) => at - time <= REMEMBER_MS);
      const isNew = !seenAt.has(server);
      seenAt.set(server, at);
      current = server;
      const changed = before !== undefined && before !== server;
      if (changed && !isNew) returnedAt.push(at);
      const isBalancer = returnedAt.length >= RETURNS_OF_BALANCER;
      if (changed && !isNew && isBalancer) untold = true;
      // The server that remains alone is the one that was switched to.
      else if (changed || (untold && seenAt.size === 1)) {
        untold = false;
        onOther();
      }
      if (changed && isNew) onNew(server, before);
    },
  };
}
