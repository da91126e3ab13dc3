import type { Inspector } from './inspector.js';

/** A V8 CPU profile, as `Profiler.stop` gives it and `.cpuprofile` files hold it. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of nodes, one per sample. */
  readonly samples: readonly number[];
}

/** A place in the call tree. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
}

const SAMPLING_INTERVAL_US = 500;

/** Starts profiling a process. */
export async function startProfile(inspector: Inspector): Promise<void> {
  await inspector.call('Profiler.enable');
  await inspector.call('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
  await inspector.call('Profiler.start');
}

/** Stops profiling and returns the profile. */
export async function stopProfile(inspector: Inspector): Promise<CpuProfile> {
  const { profile } = (await inspector.call('Profiler.stop')) as { readonly profile: CpuProfile };
  return profile;
}
