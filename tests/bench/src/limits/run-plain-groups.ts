import { createConnection } from 'mysql2/promise';
import { Samples } from '../load/samples.js';
import type { LimitResult, PlainGroupsJob } from './jobs.js';
import { writePlainGroup } from './plain-group.js';

/** Writes group after group until the time is over. */
export async function runPlainGroups({ url, groupSize, durationMs }: PlainGroupsJob): Promise<LimitResult> {
  const connection = await createConnection({ uri: url, timezone: 'Z' });
  try {
    const latencies = new Samples();
    const start = performance.now();
    let now = start;
    while (now < start + durationMs) {
      await writePlainGroup(connection, groupSize);
      const written = performance.now();
      latencies.add(written - now);
      now = written;
    }
    return { groups: latencies.length, elapsedMs: now - start, latenciesMs: latencies.toArray() };
  } finally {
    await connection.end();
  }
}
