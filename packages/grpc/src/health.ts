import type { Server, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

type WatchCall = ServerWritableStream<unknown, unknown>;

/** Adds the health service (`grpc.health.v1`); the server as a whole starts as SERVING. */
export function addHealth(server: Server): HealthImplementation {
  const health = new HealthImplementation({ '': 'SERVING' });
  // It uses nothing else of the server that it is added to.
  const adder: Pick<Server, 'addService'> = {
    addService: (service, handlers) => server.addService(service, boundWatch(handlers)),
  };
  health.addToServer(adder as Server);
  return health;
}

function boundWatch(handlers: UntypedServiceImplementation): UntypedServiceImplementation {
  const watch = handlers.watch as (call: WatchCall) => void;
  return { ...handlers, watch: (call: WatchCall) => watch(keepLatest(call)) };
}

/** The health package writes every change, read or not: a caller that is behind gets the latest one instead. */
function keepLatest(call: WatchCall): WatchCall {
  const write = call.write.bind(call);
  let latest: unknown;
  call.write = (status: unknown) => {
    if (!call.writableNeedDrain) return write(status);
    if (latest === undefined) {
      call.once('drain', () => {
        write(latest);
        latest = undefined;
      });
    }
    latest = status;
    return false;
  };
  return call;
}
