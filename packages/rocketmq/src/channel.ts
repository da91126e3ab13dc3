import { Duplex } from 'node:stream';
import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';
import serviceGrpc from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_grpc_pb.js';

/** A gRPC client of the proxy: one channel, perhaps on a connection shared with others of its generation. */
export type ProxyClient = InstanceType<typeof serviceGrpc.MessagingServiceClient>;

const CHANNEL_OPTIONS: ChannelOptions = {
  // Without these, a silently dropped connection never came back, and an outage lasted 25 s longer.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.max_send_message_length': 64 * 1024 * 1024,
};

let patched: typeof serviceGrpc.MessagingServiceClient | undefined;
let generation = 0;

/**
 * Replaces the gRPC client class inside rocketmq-client-nodejs by one that passes our channel options, since the client
 * has no option for them. Once per process, before the first client is made.
 */
function proxyClientClass(): typeof serviceGrpc.MessagingServiceClient {
  if (!patched) {
    patched = class extends serviceGrpc.MessagingServiceClient {
      constructor(address: string, credentials: ChannelCredentials, options?: object) {
        // grpc-js shares connections between channels with equal options. The generation keeps a new client off a dead
        // connection.
        super(address, credentials, { ...CHANNEL_OPTIONS, ...options, 'txmsg.generation': generation });
      }
    };
    serviceGrpc.MessagingServiceClient = patched;
  }
  return patched;
}

/** Makes sure that every channel made from now on, by the client or by us, has our options. Idempotent. */
export function installChannelOptions(): void {
  proxyClientClass();
}

/** Channels made from now on open connections of their own; they share none of the earlier ones. */
export function abandonConnections(): void {
  generation += 1;
}

/** Makes a client of the proxy at `address` (`host:port`); the caller closes it. */
export function createProxyClient(address: string, credentials: ChannelCredentials): ProxyClient {
  return new (proxyClientClass())(address, credentials);
}

/** A stream that gives nothing and takes everything. */
export function inertStream(): Duplex {
  return new Duplex({ objectMode: true, read: () => undefined, write: (_chunk, _encoding, done) => done() });
}
