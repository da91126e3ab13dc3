import type { DescService } from '@bufbuild/protobuf';
import { status as Code } from '@grpc/grpc-js';
import { isNamedTarget, TxmsgError } from '@txmsg/core';
import { statusOf } from './call-error.js';
import { type CallOutcome, createCircuitBreaker } from './circuit-breaker.js';
import { type ClientOptions, createGrpcClient, type GrpcClient } from './client.js';

/** Clients of the replicas of one service. */
export interface ClientPool<S extends DescService> {
  /** False while every replica's circuit is open or tested by another call. A call would then fail at once. */
  readonly available: boolean;
  /**
   * Calls one replica, in turn. When that replica is unreachable, calls the next one, each at most once.
   * An address that is a name may stand for several replicas: it is called once more at the end.
   *
   * @throws ServiceError of the last replica tried, or TxmsgError UNAVAILABLE at once when no replica may be called
   */
  call<R>(use: (client: GrpcClient<S>) => Promise<R>): Promise<R>;
  /** Closes all channels. */
  close(): void;
}

/** How a pool judges its replicas. */
export interface ClientPoolOptions extends ClientOptions {
  /** Consecutive failures that open a replica's circuit. Default 3. */
  readonly failures?: number;
  /** How long an open circuit stays open before one call may try again, in milliseconds. Default 1000. */
  readonly halfOpenAfterMs?: number;
}

/** A replica with one of these answers is unreachable or too slow. Any other answer shows that it works. */
const REPLICA_FAULTS: ReadonlySet<number> = new Set([Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED]);

/** Creates a client per address. The creator of the pool closes it. */
export function createClientPool<S extends DescService>(
  service: S,
  addresses: readonly string[],
  options: ClientPoolOptions = {},
): ClientPool<S> {
  const { failures = 3, halfOpenAfterMs = 1_000 } = options;
  const replicas = addresses.map((address) => ({
    address,
    client: createGrpcClient(service, address, options),
    breaker: createCircuitBreaker({ failures, halfOpenAfterMs }),
  }));
  const named = replicas.filter(({ address }) => isNamedTarget(address));
  let turn = 0;
  /** Each round begins one replica later: callers whose calls come in pairs would else use one replica for the first ones. */
  const inTurn = () => {
    const first = (turn + Math.floor(turn / replicas.length)) % replicas.length;
    turn = (turn + 1) % replicas.length ** 2;
    return [...replicas.slice(first), ...replicas.slice(0, first), ...named];
  };
  return {
    get available() {
      return replicas.some(({ breaker }) => breaker.mayCall);
    },
    async call(use) {
      let last: unknown;
      for (const { client, breaker } of inTurn()) {
        const settle = breaker.enter();
        if (!settle) continue;
        try {
          const result = await use(client);
          settle('works');
          return result;
        } catch (error) {
          settle(outcomeOf(error));
          last = error;
          // A deadline has passed, so another replica would have no time left.
          if (statusOf(error) !== Code.UNAVAILABLE) throw error;
        }
      }
      throw last ?? new TxmsgError('UNAVAILABLE', `no replica of ${service.typeName} can be reached`);
    },
    close: () => replicas.forEach(({ client }) => void client.close()),
  };
}

function outcomeOf(error: unknown): CallOutcome {
  const code = statusOf(error);
  if (code === undefined || code === Code.CANCELLED) return 'unknown';
  return REPLICA_FAULTS.has(code) ? 'fault' : 'works';
}
