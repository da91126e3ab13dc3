import type { GroupDescriptor, ServiceDescriptor, TopicDescriptor, TopicType } from './service-descriptor.js';

/** Topics and consumer groups that exist whenever the broker is ready. */
export interface Topology {
  readonly topics: ReadonlyMap<string, TopicType>;
  /** Each group with the number of redeliveries after which a message is a dead letter. */
  readonly groups: ReadonlyMap<string, number>;
}

type Variables = Readonly<Record<string, string | undefined>>;

// Redelivery ends only when the message is handled: a consumer that was down for days still gets it, and the services
// themselves put aside what they can't read.
const PRACTICALLY_FOREVER = 100_000;
// A message that the broker has given up on keeps its count of deliveries, so the reader of such messages must allow
// more.
const LONGER_THAN_THAT = 1_000_000;

/** What the services need on the broker, by the names that their settings give it. */
export function serviceTopology(services: readonly ServiceDescriptor[], env: Variables): Topology {
  const topics = services.flatMap((service) => service.topics ?? []);
  const groups = services.flatMap((service) => service.groups ?? []);
  return {
    topics: new Map(topics.map((topic) => [nameOf(topic, env), topic.type])),
    groups: new Map(groups.flatMap((group) => redeliveries(group, env))),
  };
}

/** The names of all topics of type TRANSACTION. */
export function messageTopics(services: readonly ServiceDescriptor[], env: Variables): string[] {
  const { topics } = serviceTopology(services, env);
  return [...topics].flatMap(([name, type]) => (type === 'TRANSACTION' ? [name] : []));
}

/** The variable's value, otherwise the descriptor's name. */
function nameOf({ env: variable, name }: TopicDescriptor | GroupDescriptor, env: Variables): string {
  return (variable && env[variable]) || name;
}

function redeliveries(group: GroupDescriptor, env: Variables): (readonly [string, number])[] {
  const name = nameOf(group, env);
  const dead = group.deadLetters ? [[`${name}-dlq`, LONGER_THAN_THAT] as const] : [];
  return [[name, PRACTICALLY_FOREVER], ...dead];
}
