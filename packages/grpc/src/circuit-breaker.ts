/** How a call that a breaker let through has ended. `unknown` says nothing about the callee. */
export type CallOutcome = 'works' | 'fault' | 'unknown';

/**
 * Lets calls through until too many in a row have failed. Then it lets one call at a time test whether the callee works
 * again.
 */
export interface CircuitBreaker {
  /** True when `enter` would let a call through now. */
  readonly mayCall: boolean;
  /**
   * Asks to make a call. Returns a function that must be told, once, how the call ended. Returns undefined when no call
   * may be made now, because the circuit is open or another call tests it.
   */
  enter(): ((outcome: CallOutcome) => void) | undefined;
}

/** When a circuit opens, and for how long, in milliseconds. */
export interface CircuitBreakerOptions {
  /** Consecutive faults that open it. */
  readonly failures: number;
  /** How long the circuit stays open before one call may test the callee. */
  readonly halfOpenAfterMs: number;
}

/** Creates a breaker whose circuit is closed. It uses the monotonic clock. */
export function createCircuitBreaker({ failures, halfOpenAfterMs }: CircuitBreakerOptions): CircuitBreaker {
  let faults = 0;
  let openedAt: number | undefined;
  let testing = false;
  const mayCall = () =>
    openedAt === undefined || (!testing && performance.now() - openedAt >= halfOpenAfterMs);
  const settle = (outcome: CallOutcome, isTest: boolean) => {
    if (isTest) testing = false;
    if (outcome === 'works') {
      faults = 0;
      openedAt = undefined;
    } else if (outcome === 'fault') {
      faults += 1;
      // A call from before the opening tells nothing new, so it must not keep the circuit open for longer.
      if (isTest || (openedAt === undefined && faults >= failures)) openedAt = performance.now();
    }
  };
  return {
    get mayCall() {
      return mayCall();
    },
    enter() {
      if (!mayCall()) return undefined;
      const isTest = openedAt !== undefined;
      if (isTest) testing = true;
      return (outcome) => settle(outcome, isTest);
    },
  };
}
