import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Node process whose output can be read. */
export interface InspectedProcess {
  readonly name: string;
  readonly pid: number | undefined;
  log(): string;
}

/** A session with V8's inspector in another process (the Chrome DevTools protocol). */
export interface Inspector {
  /** Calls a method such as `Profiler.start`. Throws the error that it answers. */
  call(method: string, params?: object): Promise<unknown>;
  close(): void;
}

interface InspectorMessage {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const OPEN_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/**
 * Opens the inspector of a running process from outside (SIGUSR1), so no service needs a hook for it. Start the process
 * with `NODE_OPTIONS=--inspect-port=0`; otherwise two of them want the same port.
 */
export async function openInspector(target: InspectedProcess): Promise<Inspector> {
  if (target.pid === undefined) throw new Error(`${target.name} is not running`);
  process.kill(target.pid, 'SIGUSR1');
  const socket = new WebSocket(await inspectorUrl(target));
  await once(socket, 'open', { signal: AbortSignal.timeout(OPEN_TIMEOUT_MS) });
  const waiting = new Map<number, (message: InspectorMessage) => void>();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as InspectorMessage;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
  });
  let calls = 0;
  return {
    async call(method, params = {}) {
      calls += 1;
      const id = calls;
      const { promise, resolve, reject } = Promise.withResolvers<InspectorMessage>();
      const timer = setTimeout(
        () => reject(new Error(`${target.name}: no answer to ${method}`)),
        CALL_TIMEOUT_MS,
      );
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
      const { result, error } = await promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(id);
      });
      if (error) throw new Error(`${target.name}: ${method}: ${error.message}`);
      return result;
    },
    close: () => socket.close(),
  };
}

/** The process writes the address to standard error when the inspector listens. */
async function inspectorUrl(target: InspectedProcess): Promise<string> {
  const deadline = performance.now() + OPEN_TIMEOUT_MS;
  for (;;) {
    const [, url] = /Debugger listening on (ws:\S+)/.exec(target.log()) ?? [];
    if (url) return url;
    if (performance.now() > deadline) throw new Error(`${target.name} opened no inspector`);
    await sleep(POLL_MS);
  }
}
