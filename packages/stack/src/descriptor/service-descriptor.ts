/** Message types of a topic on the broker. */
export type TopicType = 'NORMAL' | 'TRANSACTION';

/**
 * Everything that the local stack and the testbed must know about a service to start it. It is plain data that survives
 * JSON: the stack writes it to its state, so a later command can stop what an earlier one started.
 */
export interface ServiceDescriptor {
  /** Names the service's process, log and data folder, and the service among the relay's participants and consumers. */
  readonly name: string;
  /** Absolute path of its main module, which Node runs. */
  readonly entry: string;
  /** Absolute path of the program that creates its databases and brings them to the newest schema. */
  readonly migrate?: string;
  readonly seed?: SeedDescriptor;
  /** Its ports by purpose, in the order in which they are shown. */
  readonly ports: Readonly<Record<string, PortDescriptor>>;
  readonly databases?: readonly DatabaseDescriptor[];
  /** Topics that the service writes or reads. */
  readonly topics?: readonly TopicDescriptor[];
  readonly groups?: readonly GroupDescriptor[];
  /** Set for a service that publishes transactions: the relay calls its TransactionParticipant at this port. */
  readonly participant?: ServedAt;
  /** Set for a service that consumes transactions: the relay reports watermarks to it at this port. */
  readonly consumer?: ServedAt;
  /** Set for a relay: participants call it at this port. */
  readonly relay?: ServedAt;
  readonly peers?: PeerVariables;
  /** Further variables of its process. The user's own variables override them. */
  readonly env?: Readonly<Record<string, string>>;
  /** A first call to try, shown when everything is up. */
  readonly example?: ExampleCall;
}

/** A port on which a service listens. */
export interface PortDescriptor {
  /** The variable that tells the service its port. */
  readonly env: string;
  readonly default: number;
  /** The variable that tells the service its host. Without one, or while it is unset, the host is 127.0.0.1. */
  readonly hostEnv?: string;
  /**
   * How the port shows that the service is ready: grpc.health.v1 says SERVING, or it accepts a connection. Default
   * `grpc`.
   */
  readonly probe?: 'grpc' | 'tcp';
}

/** A database that a service owns. */
export interface DatabaseDescriptor {
  /**
   * The variable that tells the service its URL, such as `TXMSG_ORDER_DB_URL`. The stack itself reads a URL from it
   * too.
   */
  readonly env: string;
  readonly name: string;
  /** Its name for people: `orders`. */
  readonly label: string;
}

/** A topic that exists before the service starts. */
export interface TopicDescriptor {
  /** The variable that can name another topic; without one the name is fixed. */
  readonly env?: string;
  readonly name: string;
  readonly type: TopicType;
}

/** A consumer group that exists before the service starts. */
export interface GroupDescriptor {
  /** The variable that can name another group; without one the name is fixed. */
  readonly env?: string;
  readonly name: string;
  /** The service also reads the group's dead-letter topic, as the group `<name>-dlq`. */
  readonly deadLetters?: boolean;
}

/** The purpose of the port that serves a contract. */
export interface ServedAt {
  readonly port: string;
}

/** The variables that tell a service where others are. Variables that the service doesn't read are left out. */
export interface PeerVariables {
  /** The broker's proxies: `host:port`. */
  readonly broker?: string;
  /** The relays: `host:port,…`. */
  readonly relays?: string;
  /** All participants: `name=host:port|host:port,…`. */
  readonly participants?: string;
  /** All consumers, written like the participants. */
  readonly consumers?: string;
  /** All topics of type TRANSACTION, separated by commas. */
  readonly messageTopics?: string;
}

/** First data of a service. */
export interface SeedDescriptor {
  /**
   * Absolute path of a program that runs with the service's variables and gets the `host:port` of `port` as its
   * argument. It runs at every start of the service, so a second run must change nothing.
   */
  readonly program: string;
  readonly port: string;
  /** What the program creates, for people: `10 products`. */
  readonly detail: string;
}

/** A call with grpcurl. */
export interface ExampleCall {
  readonly port: string;
  /** `txmsg.order.v1.OrderService/SubmitOrder`. */
  readonly method: string;
  /** The request as JSON. */
  readonly request: string;
}
