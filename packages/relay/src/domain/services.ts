import { ExactNumber, type ExactValue, parseExactJson, Repeated } from '@txmsg/contracts/exact-json';
import { isName } from '@txmsg/contracts/tx-no';
import { isTarget } from '@txmsg/core';

/** Services by name, each with the addresses of its replicas. */
export type NamedAddresses = ReadonlyMap<string, readonly string[]>;

/** Whom a relay serves. */
export interface Services {
  readonly participants: NamedAddresses;
  readonly consumers: NamedAddresses;
  /** Transactional topics, each once. */
  readonly topics: readonly string[];
}

const TOPIC = /^[A-Za-z0-9_-]{1,127}$/;

/** True for the name of a topic, as RocketMQ allows it. */
export function isTopic(value: unknown): value is string {
  return typeof value === 'string' && TOPIC.test(value);
}

/**
 * Reads `name=host:port|host:port,name2=…`: the replicas of each named service, an IPv6 host in brackets. Undefined when
 * it isn't that.
 */
export function parseNamedAddresses(text: string): NamedAddresses | undefined {
  const services = new Map<string, readonly string[]>();
  for (const entry of text.split(',')) {
    const [name = '', list = '', ...rest] = entry.trim().split('=');
    const addresses = list.split('|');
    if (rest.length > 0 || !isName(name) || !addresses.every(isTarget) || services.has(name))
      return undefined;
    services.set(name, addresses);
  }
  return services;
}

/** A text that lists no services, and why. */
export class ServicesError extends Error {
  override readonly name = 'ServicesError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[], options?: ErrorOptions) {
    super(faults.join('; '), options);
    this.faults = faults;
  }
}

/** Far more than any list has. */
const LIMITS = { maxValues: 100_000, maxDepth: 8 };
const SECTIONS = ['participants', 'consumers', 'topics'] as const;

/**
 * Reads `{"participants":{"name":["host:port"]},"consumers":{…},"topics":["…"]}`; all three sections must be there.
 *
 * @param resultTopic can't be one of the topics
 * @throws ServicesError with all that is wrong
 */
export function parseServices(text: string, resultTopic: string): Services {
  const json = parseJson(text);
  if (!isObject(json)) throw new ServicesError(['must be an object']);
  const faults: string[] = [];
  for (const name of Object.keys(json)) {
    if (!SECTIONS.some((section) => section === name)) faults.push(`${name}: is no section`);
  }
  const services = {
    participants: readAddresses(json, 'participants', faults),
    consumers: readAddresses(json, 'consumers', faults),
    topics: readTopics(json, resultTopic, faults),
  };
  if (faults.length > 0) throw new ServicesError(faults);
  return services;
}

/** A name that stands twice is told: of two lists that were put together, one would be lost. */
function parseJson(text: string): ExactValue {
  try {
    return parseExactJson(text, LIMITS);
  } catch (cause) {
    throw new ServicesError(['is no JSON'], { cause });
  }
}

function readAddresses(
  json: Readonly<Record<string, unknown>>,
  section: 'participants' | 'consumers',
  faults: string[],
): NamedAddresses {
  const listed = json[section];
  if (!isObject(listed)) {
    faults.push(`${section}: ${listed instanceof Repeated ? 'stands twice' : 'must be an object of names'}`);
    return new Map();
  }
  const services = new Map<string, readonly string[]>();
  for (const [name, addresses] of Object.entries(listed)) {
    if (!isName(name)) faults.push(`${section}: ${JSON.stringify(name)} must be 1 to 64 of [A-Za-z0-9_.-]`);
    else if (addresses instanceof Repeated) faults.push(`${section}.${name}: stands twice`);
    else if (isAddressList(addresses)) services.set(name, addresses);
    else faults.push(`${section}.${name}: must be a list of host:port or dns:///name:port`);
  }
  return services;
}

function readTopics(
  { topics }: Readonly<Record<string, unknown>>,
  resultTopic: string,
  faults: string[],
): readonly string[] {
  if (!Array.isArray(topics) || !topics.every(isTopic)) {
    faults.push(
      `topics: ${topics instanceof Repeated ? 'stands twice' : 'must be a list of names of topics'}`,
    );
    return [];
  }
  if (topics.includes(resultTopic)) faults.push(`topics: ${resultTopic} is the topic of the outcomes`);
  return [...new Set(topics)];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof ExactNumber) && !(value instanceof Repeated);
}

function isAddressList(value: unknown): value is string[] {
  const isOne = (item: unknown) => typeof item === 'string' && isTarget(item);
  return Array.isArray(value) && value.length > 0 && value.every(isOne);
}
