import { type JavaRuntime, javaRuntime } from './java.js';
import type { Say } from './progress.js';
import { rocketmqJars } from './rocketmq-jars.js';

/** What RocketMQ is run with. */
export interface RocketmqPrograms {
  readonly java: JavaRuntime;
  readonly jars: readonly string[];
}

/** Finds Java and RocketMQ's jars, and fetches what isn't there, both at the same time. */
export async function rocketmqPrograms(env: NodeJS.ProcessEnv, say: Say): Promise<RocketmqPrograms> {
  const [java, jars] = await Promise.all([javaRuntime(env, say), rocketmqJars(env, say)]);
  return { java, jars };
}
