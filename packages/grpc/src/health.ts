import type { Server, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

type WatchCall = ServerWritableStream<unknown, unknown>;

/** Adds the health service (`grpc.health.v1`). The server as a whole starts as SERVING. */
export function addHealth(server: Server): HealthImplementation {
  const health = new HealthImplementation({ '': 'SERVING' });
  // The health package uses only this part of the server.
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

/** The health package writes every change, read or not. Here a slow caller gets only the latest one. */
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
