import type { ServerHttp2Stream } from 'node:http2';

/** Calls whose requests are streams: a bounded number, in which nobody keeps a place for doing nothing. */
export interface RequestStreams {
  /** Takes a place. Returns false when there is none; one that another has to give up is handed to `evict` first. */
  enter(stream: ServerHttp2Stream, tick: number, evict: (idle: ServerHttp2Stream) => void): boolean;
  /** Something has arrived or was sent. */
  active(stream: ServerHttp2Stream, tick: number): void;
  has(stream: ServerHttp2Stream): boolean;
  forget(stream: ServerHttp2Stream): void;
}

/** None at first; one that was last active at least `idleTicks` ago may be evicted. */
export function createRequestStreams(max: number, idleTicks: number): RequestStreams {
  const activeTicks = new Map<ServerHttp2Stream, number>();
  const longestIdle = (tick: number): ServerHttp2Stream | undefined => {
    let found: ServerHttp2Stream | undefined;
    let since = tick - idleTicks;
    for (const [stream, activeTick] of activeTicks) {
      if (activeTick > since) continue;
      found = stream;
      since = activeTick;
    }
    return found;
  };
  return {
    enter(stream, tick, evict) {
      if (activeTicks.size >= max) {
        const idle = longestIdle(tick);
        if (!idle) return false;
        activeTicks.delete(idle);
        evict(idle);
      }
      activeTicks.set(stream, tick);
      return true;
    },
    active(stream, tick) {
      if (activeTicks.size > 0 && activeTicks.has(stream)) activeTicks.set(stream, tick);
    },
    has: (stream) => activeTicks.has(stream),
    forget(stream) {
      if (activeTicks.size > 0) activeTicks.delete(stream);
    },
  };
}
