import { classArchive } from './class-archive.js';
import { type JavaRuntime, javaRuntime } from './java.js';
import type { Say } from './progress.js';
import { rocketmqClassPath } from './rocketmq-jars.js';

/** The programs that run RocketMQ. */
export interface RocketmqPrograms {
  readonly java: JavaRuntime;
  /** The launcher and RocketMQ's jars. */
  readonly classPath: readonly string[];
  readonly classArchive: string | undefined;
}

/** Finds Java and RocketMQ's jars, and fetches the missing ones, both at the same time. */
export async function rocketmqPrograms(env: NodeJS.ProcessEnv, say: Say): Promise<RocketmqPrograms> {
  const [java, classPath] = await Promise.all([javaRuntime(env, say), rocketmqClassPath(env, say)]);
  return { java, classPath, classArchive: await classArchive(java, classPath, env, say) };
}
