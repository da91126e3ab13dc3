import type {
  GroupDescriptor,
  ServiceDescriptor,
  TopicDescriptor,
} from '../descriptor/service-descriptor.js';
import type { Topology } from '../parts/rocketmq-config.js';

// Redeliveries end only when the message was handled: a consumer that was down for days still gets it, and what can't be
// read is put aside by the services themselves.
const PRACTICALLY_FOREVER = 100_000;
// What the broker has given up keeps its count of deliveries; who reads it must allow more.
const LONGER_THAN_THAT = 1_000_000;

/** What the services need on the broker, by the names that their settings give it; made at each of the broker's starts. */
export function serviceTopology(services: readonly ServiceDescriptor[], env: NodeJS.ProcessEnv): Topology {
  const topics = services.flatMap((service) => service.topics ?? []);
  const groups = services.flatMap((service) => service.groups ?? []);
  return {
    topics: new Map(topics.map((topic) => [topicName(topic, env), topic.type])),
    groups: new Map(groups.flatMap((group) => redeliveries(group, env))),
  };
}

/** A topic's name: what its variable says, else its own. */
export function topicName({ env: variable, name }: TopicDescriptor, env: NodeJS.ProcessEnv): string {
  return (variable && env[variable]) || name;
}

function redeliveries(group: GroupDescriptor, env: NodeJS.ProcessEnv): (readonly [string, number])[] {
  const name = (group.env && env[group.env]) || group.name;
  const dead = group.deadLetters ? [[`${name}-dlq`, LONGER_THAN_THAT] as const] : [];
  return [[name, PRACTICALLY_FOREVER], ...dead];
}
