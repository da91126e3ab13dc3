import type { JobAnswer, JobMap } from './job-process.js';

type JobHandlers<J extends JobMap> = {
  readonly [K in keyof J & string]: (job: J[K]['job']) => Promise<J[K]['result']>;
};

/** The other side of `startJobProcess`. Does the jobs that the parent sends, and ends when the parent is gone. */
export function serveJobs<J extends JobMap>(handlers: JobHandlers<J>): void {
  const byKind = handlers as unknown as Readonly<Record<string, (job: unknown) => Promise<object>>>;
  process.on('message', (job: { readonly kind: string }) => {
    void (async () => {
      let answer: JobAnswer;
      try {
        const handler = byKind[job.kind];
        if (!handler) throw new TypeError(`no job is called ${job.kind}`);
        answer = { result: await handler(job) };
      } catch (error) {
        answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
      }
      process.send?.(answer);
    })();
  });
  process.on('disconnect', () => process.exit(0));
}
