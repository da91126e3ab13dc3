/** Notices that an address leads to another server than before. */
export interface ServerWatch {
  /** Tells which server a new connection has reached. */
  saw(server: string): void;
}

/** What follows when the server is another one. */
export interface ServerWatchOptions {
  /** Called at each change. */
  readonly onOther: () => void;
  /** Called for a server that wasn't seen for a minute: an address may lead to several by turns, as a balancer's does. */
  readonly onNew: (server: string, before: string) => void;
  /** A monotonic clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

const REMEMBER_MS = 60_000;

/** Makes a watch that has seen nothing yet. */
export function createServerWatch({
  onOther,
  onNew,
  now = () => performance.now(),
}: ServerWatchOptions): ServerWatch {
  let current: string | undefined;
  const seenAt = new Map<string, number>();
  return {
    saw(server) {
      const before = current;
      const at = now();
      for (const [name, time] of seenAt) if (at - time > REMEMBER_MS) seenAt.delete(name);
      const isNew = !seenAt.has(server);
      seenAt.set(server, at);
      current = server;
      if (before === undefined || before === server) return;
      onOther();
      if (isNew) onNew(server, before);
    },
  };
}
