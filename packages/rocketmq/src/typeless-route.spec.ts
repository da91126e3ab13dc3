import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Duration } from 'google-protobuf/google/protobuf/duration_pb.js';
import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import grpc from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_grpc_pb.js';
import service, {
  type TelemetryCommand,
} from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { afterEach, expect, test, vi } from 'vitest';
import { message, testLogger, untilAvailable } from './test-support/fixture.js';
import { createTransactionPublisher } from './transaction-publisher.js';

const { MessageType, Code } = definition;
const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A proxy that answers as much as a producer asks for; `type` is what it believes of the topic. */
async function startFakeProxy(proxy: { type: number; sends: number; settings: number }): Promise<string> {
  const ok = () => new definition.Status().setCode(Code.OK);
  const server = new Server();
  server.addService(grpc.MessagingServiceService as never, {
    queryRoute: (_call: unknown, done: (error: null, response: object) => void) => {
      const queue = new definition.MessageQueue()
        .setTopic(new definition.Resource().setName('tx'))
        .setPermission(definition.Permission.READ_WRITE)
        .setBroker(new definition.Broker().setName('broker-a').setId(0).setEndpoints(endpoints))
        .setAcceptMessageTypesList([proxy.type]);
      done(null, new service.QueryRouteResponse().setStatus(ok()).setMessageQueuesList([queue]));
    },
    heartbeat: (_call: unknown, done: (error: null, response: object) => void) =>
      done(null, new service.HeartbeatResponse().setStatus(ok())),
    notifyClientTermination: (_call: unknown, done: (error: null, response: object) => void) =>
      done(null, new service.NotifyClientTerminationResponse().setStatus(ok())),
    telemetry: (stream: {
      on(event: string, listener: (command: TelemetryCommand) => void): void;
      write(command: TelemetryCommand): void;
      end(): void;
    }) => {
      stream.on('data', (command) => {
        if (!command.hasSettings()) return;
        proxy.settings += 1;
        stream.write(agree(command));
      });
      stream.on('end', () => stream.end());
    },
    sendMessage: (_call: unknown, done: (error: null, response: object) => void) => {
      proxy.sends += 1;
      const entry = new service.SendResultEntry().setStatus(ok()).setMessageId('m').setTransactionId('t');
      done(null, new service.SendMessageResponse().setStatus(ok()).setEntriesList([entry]));
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  closers.push(() => server.forceShutdown());
  const address = new definition.Address().setHost('127.0.0.1').setPort(port);
  const endpoints = new definition.Endpoints()
    .setScheme(definition.AddressScheme.IPV4)
    .setAddressesList([address]);
  return `127.0.0.1:${port}`;
}

/** The client's own settings, with what the proxy has to add. */
function agree(command: TelemetryCommand): TelemetryCommand {
  const delay = new Duration().setNanos(1e7);
  const backoff = new definition.ExponentialBackoff().setInitial(delay).setMax(delay).setMultiplier(1);
  const policy = new definition.RetryPolicy().setMaxAttempts(1).setExponentialBackoff(backoff);
  command.getSettings()?.setBackoffPolicy(policy);
  return command.setStatus(new definition.Status().setCode(Code.OK));
}

function connect(endpoints: string) {
  const check = async () => undefined;
  const publisher = createTransactionPublisher({ endpoints, topic: 'tx', logger: testLogger, check });
  closers.push(() => publisher.close());
  return publisher;
}

test('a route without a type is an outage, over as soon as the proxy knows the type', async () => {
  const proxy = { type: MessageType.MESSAGE_TYPE_UNSPECIFIED as number, sends: 0, settings: 0 };
  const publisher = connect(await startFakeProxy(proxy));
  await vi.waitFor(() => expect(proxy.settings).toBeGreaterThan(1), { timeout: 10_000, interval: 20 });
  await expect(publisher.prepare(message('tx'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(publisher.available).toBe(false);
  proxy.type = MessageType.TRANSACTION;
  await untilAvailable(publisher, 5_000);
  await publisher.prepare(message('tx'));
  expect(proxy.sends).toBe(1);
});

test('another type is refused for good', async () => {
  const proxy = { type: MessageType.NORMAL as number, sends: 0, settings: 0 };
  const publisher = connect(await startFakeProxy(proxy));
  await untilAvailable(publisher);
  await expect(publisher.prepare(message('tx'))).rejects.toMatchObject({ code: 'INVALID' });
  expect(proxy.sends).toBe(0);
});
