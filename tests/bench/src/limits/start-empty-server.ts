import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A server of an empty method, in a process of its own. */
export interface EmptyServer {
  readonly pid: number;
  readonly address: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/** Starts a grpc-js server with an empty SubmitOrder. It ends with this process. */
export async function startEmptyServer(): Promise<EmptyServer> {
  const child = fork(new URL('./empty-server.js', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message', { signal: AbortSignal.timeout(START_TIMEOUT_MS) })) as [
    { readonly port: number },
  ];
  return {
    pid: child.pid ?? 0,
    address: `127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}
