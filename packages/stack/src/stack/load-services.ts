import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { StackError } from '../errors.js';
import { repoRoot } from './home.js';

/**
 * The folders of the services that the local stack starts, in the order in which they are shown. This package doesn't
 * depend on the services, because their tests depend on it.
 */
const DEFAULT_SERVICES = ['packages/order-svc', 'packages/relay', 'packages/stock-svc'];

/** The descriptors of the services that belong to the repository. Throws USAGE when one of them isn't built. */
export function defaultServices(): Promise<ServiceDescriptor[]> {
  return Promise.all(DEFAULT_SERVICES.map((dir) => loadService(join(repoRoot, dir))));
}

/**
 * The descriptor of the package in a folder: what its module `./descriptor` exports as `descriptor`. Throws USAGE when
 * there is none, or the package isn't built.
 */
export async function loadService(dir: string): Promise<ServiceDescriptor> {
  const manifest = join(resolve(dir), 'package.json');
  if (!existsSync(manifest)) throw new StackError('USAGE', `${dir} has no package.json`);
  const module = descriptorModule(JSON.parse(readFileSync(manifest, 'utf8')));
  if (module === undefined) throw new StackError('USAGE', `${manifest} exports no "./descriptor"`);
  const path = resolve(dir, module);
  if (!existsSync(path)) throw new StackError('USAGE', `${path} is missing: build ${dir} first`);
  const { descriptor } = (await import(pathToFileURL(path).href)) as { descriptor?: ServiceDescriptor };
  if (descriptor === undefined) throw new StackError('USAGE', `${path} exports no "descriptor"`);
  return descriptor;
}

function descriptorModule(manifest: {
  exports?: Record<string, string | { default?: string }>;
}): string | undefined {
  const target = manifest.exports?.['./descriptor'];
  return typeof target === 'string' ? target : target?.default;
}
