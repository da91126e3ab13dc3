import { connect } from 'node:net';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { localAddress, localHost } from './local-address.js';

const PROBE_TIMEOUT_MS = 2_000;
const MYSQL_PROTOCOL_VERSION = 10;
const HEALTH_CHECK = '/grpc.health.v1.Health/Check';
// HealthCheckResponse{status: SERVING}: field 1, varint, value 1.
const SERVING = Buffer.from([0x08, 0x01]);

/** True when a MySQL or MariaDB server greets on the port: the fifth byte is its protocol's version. */
export function greetsAsMysql(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('end', () => settle(false));
    socket.once('data', (greeting) => settle(greeting[4] === MYSQL_PROTOCOL_VERSION));
  });
}

/** True when the address answers with a status of 200. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // refused, reset or too slow: not ready
  }
}

/** True when the gRPC server on the host and port says SERVING (grpc.health.v1, for the server as a whole). */
export function servesGrpc(port: number, host = '127.0.0.1'): Promise<boolean> {
  return servesGrpcAt(localAddress(host, port));
}

/** The same for `host:port`. */
export function servesGrpcAt(address: string): Promise<boolean> {
  const Client = makeGenericClientConstructor({}, 'health');
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.use_local_subchannel_pool': 1,
  });
  return new Promise((resolve) => {
    const same = (bytes: Buffer): Buffer => bytes;
    const deadline = Date.now() + PROBE_TIMEOUT_MS;
    client.makeUnaryRequest(HEALTH_CHECK, same, same, Buffer.alloc(0), { deadline }, (fault, reply) => {
      client.close();
      resolve(fault === null && reply !== undefined && SERVING.equals(reply));
    });
  });
}

/** True when something accepts a connection at `host:port`. */
export function servesTcp(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connect({
      host: localHost(address.slice(0, colon)),
      port: Number(address.slice(colon + 1)),
    });
    socket.setTimeout(PROBE_TIMEOUT_MS, () => socket.destroy(new Error('no connection in time')));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
