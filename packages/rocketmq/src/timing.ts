/**
 * The value of `work`, or `late` when it takes longer than `ms`; `work` goes on. Rejects when `work` rejects in time.
 */
export function within<T, L>(work: Promise<T>, ms: number, late: L): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(late), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A signal that is aborted with the first of several others, until `unlink` is called. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  unlink(): void;
}

/** Links signals. Unlike `AbortSignal.any`, it leaves nothing behind at long-lived signals once it is unlinked. */
export function linkSignals(...sources: readonly AbortSignal[]): LinkedSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const source of sources) {
    if (source.aborted) {
      abort();
    } else {
      source.addEventListener('abort', abort);
    }
  }
  const unlink = () => sources.forEach((source) => void source.removeEventListener('abort', abort));
  return { signal: controller.signal, unlink };
}
