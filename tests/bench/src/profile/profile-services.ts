import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchRun } from '../bench-run.js';
import { formatTable } from '../report/format-table.js';
import { measureOrders } from '../sections/measure-orders.js';
import { BULK } from '../sections/throughput.js';
import { startProfile, stopProfile } from './cpu-profile.js';
import { type ProfileSummary, summariseProfile } from './group-profile.js';
import { type Inspector, openInspector } from './inspector.js';

const LOADS = {
  '256 callers': { kind: 'unary', callers: 256, products: 1 },
  '1024 callers': { kind: 'unary', callers: 1_024, products: 1 },
  bulk: { kind: 'bulk', ...BULK, products: 1 },
} as const;
const SHOWN = 20;

/**
 * Profiles the three services under load. Writes the profiles as `.cpuprofile` files (for Chrome's or an editor's
 * viewer), and returns tables of where an order's CPU goes.
 */
export async function profileServices(run: BenchRun, dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const { system } = run.main;
  const inspectors = new Map<string, Inspector>();
  const parts: string[] = [];
  try {
    for (const service of [...system.orders, ...system.relays, ...system.stocks]) {
      inspectors.set(service.name.replace(/-\d+$/, ''), await openInspector(service));
    }
    for (const [load, job] of Object.entries(LOADS)) {
      for (const inspector of inspectors.values()) await startProfile(inspector);
      const figures = await measureOrders(run, run.main, { ...job, durationMs: 2 * run.plan.cellMs });
      for (const [name, inspector] of inspectors) {
        const profile = await stopProfile(inspector);
        await writeFile(join(dir, `${name}-${load.replace(' ', '-')}.cpuprofile`), JSON.stringify(profile));
        const cpuUs = figures[`cpu ${name}`] ?? Number.NaN;
        parts.push(
          describe(`${name}, ${load}: ${cpuUs.toFixed(0)} µs per order`, summariseProfile(profile), cpuUs),
        );
      }
    }
  } finally {
    for (const inspector of inspectors.values()) inspector.close();
  }
  return parts.join('\n');
}

function describe(title: string, { libraries, functions }: ProfileSummary, cpuUs: number): string {
  const rows = (shares: ProfileSummary['libraries']) =>
    shares
      .slice(0, SHOWN)
      .map(({ name, share }) => [name, `${(100 * share).toFixed(1)} %`, `${(share * cpuUs).toFixed(1)} µs`]);
  return `${title}\n\n${formatTable(rows(libraries))}\n\n${formatTable(rows(functions))}\n`;
}
