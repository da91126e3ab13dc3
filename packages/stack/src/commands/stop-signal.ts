/** An AbortSignal from the terminal or the system. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Removes the listeners, so the process can end. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C reaches us several times: from the terminal, from npm, from our own starter. */
const SAME_PRESS_MS = 2_000;

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP. A later one ends the process at once, and the guard then kills what it
 * started. Keeps the process alive until it is released.
 */
export function stopSignal(): StopSignal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (): void => {
    firstMs ??= performance.now();
    if (performance.now() - firstMs > SAME_PRESS_MS) process.exit(130);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const keepAlive = setInterval(() => {}, 60_000);
  return {
    signal: controller.signal,
    release: () => {
      clearInterval(keepAlive);
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
