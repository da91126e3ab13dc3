import type { TopicType } from '../descriptor/service-descriptor.js';
import { StackError } from '../errors.js';

/** A message as the broker's index found it. */
export interface FoundMessage {
  readonly id: string;
  /** The message's keys, separated by blanks. */
  readonly keys: string;
  readonly body: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly bornTimestamp: number;
  readonly storeTimestamp: number;
  readonly queueId: number;
  readonly queueOffset: number;
}

/** How far a consumer group has come. */
export interface GroupProgress {
  /** Messages that the group has not acknowledged yet, over all its queues. */
  readonly lag: number;
  readonly queues: readonly {
    readonly topic: string;
    readonly queueId: number;
    readonly brokerOffset: number;
    readonly consumerOffset: number;
  }[];
}

/** Administration of one broker through the launcher's HTTP server; every call throws ADMIN_FAILED. */
export interface RocketmqAdmin {
  createTopic(name: string, type: TopicType): Promise<void>;
  createGroup(name: string, retryMaxTimes: number): Promise<void>;
  topics(): Promise<string[]>;
  queryByKey(topic: string, key: string): Promise<FoundMessage[]>;
  progress(group: string): Promise<GroupProgress>;
  /** Moves a group to the first message stored at or after the time; 0 is the beginning. */
  resetOffset(group: string, topic: string, timestampMs: number): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/** A client of the admin HTTP server on this port. */
export function rocketmqAdmin(port: number): RocketmqAdmin {
  const call = (path: string, query: Record<string, string> = {}): Promise<unknown> => {
    const url = new URL(`http://127.0.0.1:${port}/${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return getJson(url);
  };
  return {
    createTopic: async (name, type) => void (await call('topic', { name, type })),
    createGroup: async (name, retryMaxTimes) => {
      await call('group', { name, retryMaxTimes: String(retryMaxTimes) });
    },
    topics: async () => (await call('topics')) as string[],
    queryByKey: async (topic, key) => (await call('query', { topic, key })) as FoundMessage[],
    progress: async (group) => (await call('progress', { group })) as GroupProgress,
    resetOffset: async (group, topic, timestampMs) => {
      await call('reset-offset', { group, topic, timestampMs: String(timestampMs) });
    },
  };
}

async function getJson(url: URL): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new StackError('ADMIN_FAILED', `RocketMQ's admin port doesn't answer (${url.pathname})`, { cause });
  }
  const text = await response.text();
  if (!response.ok) throw new StackError('ADMIN_FAILED', `${url.pathname}${url.search}: ${text}`);
  return JSON.parse(text);
}
