import { type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import {
  BaseClient,
  type Endpoints,
  type ILogger,
  type MessageQueue,
  type Settings,
} from 'rocketmq-client-nodejs';
import definition, {
  type Settings as SettingsPb,
} from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import service, {
  type RecoverOrphanedTransactionCommand,
  type TelemetryCommand,
} from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { BrokerError } from './broker-error.js';
import { type Bounds, callUnary, type UnaryMethod } from './calls.js';
import { createProxyClient, inertStream, installChannelOptions, type ProxyClient } from './channel.js';
import type { SessionEvents, SessionRole } from './session-role.js';
import { checkStatus } from './status.js';
import { within } from './timing.js';

type TelemetryStream = ClientDuplexStream<TelemetryCommand, TelemetryCommand>;

const REQUEST_TIMEOUT_MS = 3_000;
const PROBE_TIMEOUT_MS = 2_000;
const STARTUP_TIMEOUT_MS = 10_000;
const GOODBYE_TIMEOUT_MS = 1_000;
const CLIENTS_MAX = 32;

/**
 * One life of the wrapped client against one proxy, for ONE topic. A start with several topics hangs, since the first
 * settings can come before anyone waits for them. The client keeps routes, settings, telemetry and heartbeats. The
 * calls that matter go over channels of our own, so each has its deadline and can be cancelled. A closed session leaves
 * nothing behind, whatever the client still has in hand: its own shutdown gives up in the middle while the proxy is
 * down.
 */
export class BrokerSession extends BaseClient {
  readonly #role: SessionRole;
  readonly #events: SessionEvents;
  readonly #settings: Settings;
  readonly #streams = new Set<TelemetryStream>();
  readonly #clients = new Map<string, ProxyClient>();
  readonly #known = new Map<string, Endpoints>();
  #settled = false;
  #closing: Promise<void> | undefined;
  #queueIndex = 0;

  constructor(endpoints: string, role: SessionRole, events: SessionEvents, logger: ILogger) {
    installChannelOptions();
    super({ endpoints, namespace: '', topics: [role.topic], requestTimeout: REQUEST_TIMEOUT_MS, logger });
    this.#role = role;
    this.#events = events;
    this.#settings = role.settings(this.clientId, this.endpoints);
  }

  /** Asks the proxy before the client starts: the client itself takes 12 s to notice a dead one. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#queryRoute({ timeoutMs: PROBE_TIMEOUT_MS, signal });
    const started = await within(
      this.startup().then(() => true),
      STARTUP_TIMEOUT_MS,
      false,
    );
    if (!started) {
      throw new BrokerError('TIMEOUT', `the client has not started in ${STARTUP_TIMEOUT_MS} ms`);
    }
    if (this.#typeless) {
      throw new BrokerError('UNAVAILABLE', `the proxy does not know the type of ${this.#role.topic}`);
    }
  }

  /** Whether the proxy answers for the topic and knows this client. Never rejects. */
  async answers(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#queryRoute({ timeoutMs: PROBE_TIMEOUT_MS, signal });
      // By itself the client would keep that route for 30 s.
      if (this.#typeless) await this.updateRoutes();
      return this.#settled && !this.#typeless;
    } catch {
      return false;
    }
  }

  /**
   * A proxy may be unable to ask the broker for a topic's type: the broker is starting, or has lost its data. Such a
   * proxy gives a route without a type, and refuses all that is sent to it.
   */
  get #typeless(): boolean {
    const queues = this.topicRouteCache.get(this.#role.topic)?.messageQueues ?? [];
    return this.#role.group === undefined && queues.length > 0 && queues.every(isTypeless);
  }

  async #queryRoute(bounds: Bounds): Promise<void> {
    const request = new service.QueryRouteRequest()
      .setTopic(new definition.Resource().setName(this.#role.topic))
      .setEndpoints(this.endpoints.toProtobuf());
    const what = `route of ${this.#role.topic}`;
    const response = await this.call(
      this.endpoints.facade,
      (client) => client.queryRoute,
      request,
      bounds,
      what,
    );
    checkStatus(response.getStatus()?.toObject(), what);
  }

  /** Makes a unary call at `address`. Rejects with BrokerError only. */
  call<Request, Response>(
    address: string,
    method: (client: ProxyClient) => UnaryMethod<Request, Response>,
    request: Request,
    bounds: Bounds,
    what: string,
  ): Promise<Response> {
    const client = this.client(address);
    return callUnary(client, method(client), request, this.getRequestMetadata(), bounds, what);
  }

  /**
   * Whether `address` is a proxy of ours: this session's own, or one that a route of its topic has named. Other
   * addresses come with the handles of other processes, and nothing may connect to them.
   */
  isOwnProxy(address: string): boolean {
    if (address === this.endpoints.facade) return true;
    this.getTotalRouteEndpoints();
    return this.#known.has(address);
  }

  /** The gRPC client for `address`; bounded, since a route may name many. */
  client(address: string): ProxyClient {
    if (this.#closing) {
      throw new BrokerError('CLOSED', 'the session is closed');
    }
    let client = this.#clients.get(address);
    if (!client) {
      const [oldest] = this.#clients.keys();
      if (oldest && this.#clients.size >= CLIENTS_MAX) {
        this.#clients.get(oldest)?.close();
        this.#clients.delete(oldest);
      }
      client = createProxyClient(address, credentials.createInsecure());
    }
    this.#clients.delete(address);
    this.#clients.set(address, client); // the least recently used comes first
    return client;
  }

  /**
   * A queue for the next send or receive, from the route as it is now: each broker in turn, since the proxy itself
   * spreads over a broker's queues. The client's producer would never look at its route again, and never return to an
   * endpoint that failed once.
   */
  nextQueue(permission: 'READ' | 'WRITE'): MessageQueue {
    const { Permission } = definition;
    const wanted = [Permission[permission], Permission.READ_WRITE];
    const brokers = new Map<string, MessageQueue>();
    for (const queue of this.topicRouteCache.get(this.#role.topic)?.messageQueues ?? []) {
      if (queue.broker.id === 0 && wanted.includes(queue.permission)) {
        brokers.set(queue.broker.name, queue);
      }
    }
    const queues = [...brokers.values()];
    const queue = queues[this.#queueIndex++ % queues.length];
    if (!queue) {
      throw new BrokerError('UNAVAILABLE', `no queue of ${this.#role.topic} with permission ${permission}`);
    }
    return queue;
  }

  /** Says goodbye and frees everything, within a bounded time. Idempotent. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close(this.getTotalRouteEndpoints());
    return this.#closing;
  }

  async #close(brokers: Endpoints[]): Promise<void> {
    const goodbyes = brokers.map((endpoints) => this.#sayGoodbye(endpoints.facade));
    await Promise.allSettled(goodbyes);
    for (const client of this.#clients.values()) {
      client.close();
    }
    this.#clients.clear();
    // No endpoints are left to notify (see getTotalRouteEndpoints), so this can't fail in the middle and doesn't wait.
    await within(this.shutdown(), GOODBYE_TIMEOUT_MS, undefined).catch(() => undefined);
    for (const stream of this.#streams) {
      stream.cancel();
    }
    this.#streams.clear();
  }

  async #sayGoodbye(address: string): Promise<void> {
    const client = this.#clients.get(address);
    if (client && this.#settled) {
      const request = this.wrapNotifyClientTerminationRequest();
      const bounds = { timeoutMs: GOODBYE_TIMEOUT_MS };
      const metadata = this.getRequestMetadata();
      await callUnary(client, client.notifyClientTermination, request, metadata, bounds, 'goodbye');
    }
  }

  /** Streams that outlive the client's interest in them must not throw, and a closed session makes no new ones. */
  override createTelemetryStream(endpoints: Endpoints): TelemetryStream {
    if (this.#closing) {
      // One of the client's timers may still come here. A throw in it would end the process.
      return inertStream() as unknown as TelemetryStream;
    }
    const stream = super.createTelemetryStream(endpoints);
    this.#streams.add(stream);
    const lost = () => {
      if (this.#streams.delete(stream) && this.#streams.size === 0) {
        this.#settled = false;
        this.#events.onLost();
      }
    };
    // The client removes its listeners before a stream has ended, and an error without a listener is fatal.
    const listen = () => stream.on('status', lost).on('error', ignore);
    const removeAllListeners = stream.removeAllListeners.bind(stream);
    stream.removeAllListeners = () => {
      removeAllListeners();
      return listen();
    };
    return listen();
  }

  override onSettingsCommand(endpoints: Endpoints, settings: SettingsPb): void {
    try {
      super.onSettingsCommand(endpoints, settings);
      this.#settled = true;
    } catch (error) {
      // A stream calls this, so nobody would catch a throw. Without settings the start times out and is tried again.
      this.logger.error('settings of the broker not understood: %s', error);
    }
  }

  override onRecoverOrphanedTransactionCommand(
    endpoints: Endpoints,
    command: RecoverOrphanedTransactionCommand,
  ): void {
    this.#events.onCheck(endpoints.facade, command);
  }

  protected override async updateRoutes(): Promise<void> {
    if (!this.#closing) {
      await super.updateRoutes();
    }
    if (this.#closing) {
      // A start that was given up must not go on to set timers.
      this.topicRouteCache.clear();
      throw new BrokerError('CLOSED', 'the session is closed');
    }
  }

  /** The client opens a channel per Endpoints object, and makes new objects every 30 s: hand it the first ones. */
  protected override getTotalRouteEndpoints(): Endpoints[] {
    if (this.#closing) {
      return [];
    }
    return super.getTotalRouteEndpoints().map((endpoints) => {
      const known = this.#known.get(endpoints.facade) ?? endpoints;
      this.#known.set(endpoints.facade, known);
      return known;
    });
  }

  protected override sleep(ms: number): Promise<void> {
    return this.#closing ? Promise.resolve() : super.sleep(ms);
  }

  protected override getSettings(): Settings {
    return this.#settings;
  }

  protected override getClientType(): number {
    return this.#role.group ? definition.ClientType.SIMPLE_CONSUMER : definition.ClientType.PRODUCER;
  }

  protected override wrapHeartbeatRequest() {
    const request = new service.HeartbeatRequest().setClientType(this.getClientType());
    const { group } = this.#role;
    return group ? request.setGroup(new definition.Resource().setName(group)) : request;
  }

  protected override wrapNotifyClientTerminationRequest() {
    const request = new service.NotifyClientTerminationRequest();
    const { group } = this.#role;
    return group ? request.setGroup(new definition.Resource().setName(group)) : request;
  }
}

/** The route that the queue came from doesn't say what the topic takes. */
export function isTypeless({ acceptMessageTypesList }: MessageQueue): boolean {
  return acceptMessageTypesList.every((type) => type === definition.MessageType.MESSAGE_TYPE_UNSPECIFIED);
}

/** A stream's status tells its end. */
function ignore(): void {}
