import type { ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { StackError } from '../errors.js';
import { type StackDatabase, stackAddresses } from '../stack/addresses.js';
import { describedAnew, existingStack } from '../stack/context.js';
import { allDatabases, migrate } from '../stack/migrate.js';
import { sayToStdout } from './report.js';

/** Brings the databases of the running stack, or those that the variables name, to the newest schema. */
export async function migrateCommand(
  env: NodeJS.ProcessEnv,
  services: readonly ServiceDescriptor[],
): Promise<void> {
  const plan = givenDatabases(services, env) ?? runningStack(services, env);
  await migrate(plan.services, plan.databases, env);
  sayToStdout(`${allDatabases(plan.databases)} have the newest schema`);
}

interface Plan {
  readonly services: readonly ServiceDescriptor[];
  readonly databases: readonly StackDatabase[];
}

/** Undefined unless a variable names each of the databases. */
function givenDatabases(services: readonly ServiceDescriptor[], env: NodeJS.ProcessEnv): Plan | undefined {
  const databases = services
    .flatMap((service) => service.databases ?? [])
    .map((database) => ({ ...database, url: env[database.env] ?? '' }));
  return databases.every(({ url }) => url !== '') ? { services, databases } : undefined;
}

function runningStack(services: readonly ServiceDescriptor[], env: NodeJS.ProcessEnv): Plan {
  const stack = existingStack(env, sayToStdout);
  if (!stack?.parts.some((part) => part.running)) {
    const variables = services.flatMap((service) => service.databases ?? []).map((database) => database.env);
    throw new StackError('USAGE', `no stack runs: start one, or set ${variables.join(' and ')}`);
  }
  const known = stack.state.services.map(({ descriptor }) => descriptor);
  return {
    services: describedAnew(known, services),
    databases: stackAddresses(stack.state).databases,
  };
}
