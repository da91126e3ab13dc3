/** Keeps those who send orders that are refused from using up the event loop: their streams take turns; others never wait. */
export interface RefusalPace {
  /** The pace of one stream. */
  stream(): StreamPace;
}

/** The pace of one stream, which waits for its own refusals only. */
export interface StreamPace {
  /** An order was refused, which takes longer than to accept one and waits for nothing. */
  refused(): void;
  /** Resolves in a later turn of the event loop; undefined when the stream may go on in this one. */
  turn(): Promise<void> | undefined;
}

/** Refusals after which a stream waits until it is passed on. */
const SHARE = 10;
/** Streams that are passed on in a turn of the event loop: 50 refusals, a few milliseconds. */
const PASSED_IN_A_TURN = 5;

interface Waiting {
  refusals: number;
  readonly waiters: (() => void)[];
}

/** Makes the pace that all streams of a process share. */
export function createRefusalPace(): RefusalPace {
  const line: Waiting[] = [];
  function passSome(): void {
    for (const stream of line.splice(0, PASSED_IN_A_TURN)) {
      stream.refusals = 0;
      // Each of them takes an order at least: no more than one share goes on together.
      for (const resolve of stream.waiters.splice(0, SHARE)) resolve();
      if (stream.waiters.length > 0) line.push(stream);
    }
    if (line.length > 0) setImmediate(passSome);
  }
  function wait(stream: Waiting): Promise<void> {
    return new Promise((resolve) => {
      if (stream.waiters.push(resolve) === 1 && line.push(stream) === 1) setImmediate(passSome);
    });
  }
  return {
    stream() {
      const own: Waiting = { refusals: 0, waiters: [] };
      return {
        refused() {
          own.refusals += 1;
        },
        turn: () => (own.refusals < SHARE ? undefined : wait(own)),
      };
    },
  };
}
