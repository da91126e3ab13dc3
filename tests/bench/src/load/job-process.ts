import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Jobs by kind, each with its result. */
export type JobMap<K extends string = string> = {
  readonly [kind in K]: { readonly job: { readonly kind: kind }; readonly result: object };
};

/** What a job program answers. */
export type JobAnswer = { readonly result: object } | { readonly error: string };

/** A program that does one job at a time, in a process of its own, so its CPU and pauses are its own. */
export interface JobProcess<J extends JobMap> {
  readonly pid: number;
  /**
   * Does a job.
   *
   * @throws Error when the job failed, took longer than `timeoutMs`, or the program ended
   */
  run<K extends keyof J & string>(job: J[K]['job'], timeoutMs: number): Promise<J[K]['result']>;
  /** Ends the program. */
  stop(): Promise<void>;
}

/** Starts a job program. It ends with this process. */
export function startJobProcess<J extends JobMap>(program: URL): JobProcess<J> {
  const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  if (child.pid === undefined) throw new Error(`could not start ${program.pathname}`);
  return {
    pid: child.pid,
    run: (job, timeoutMs) => runJob(child, job, timeoutMs),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function runJob<R>(child: ChildProcess, job: { readonly kind: string }, timeoutMs: number): Promise<R> {
  const signal = AbortSignal.timeout(timeoutMs);
  const ended = new AbortController();
  const exited = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error(`the program ended during the job ${job.kind}`);
  });
  try {
    const answered = once(child, 'message', { signal });
    child.send(job);
    const [answer] = (await Promise.race([answered, exited])) as [JobAnswer];
    if ('error' in answer) throw new Error(`job ${job.kind} failed: ${answer.error}`);
    return answer.result as R;
  } finally {
    exited.catch(() => {}); // aborted here, and nobody waits for it any more
    ended.abort();
  }
}
