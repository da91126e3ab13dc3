import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosOptions } from './chaos-options.js';
import { checkBrokerMemory } from './check/check-broker-memory.js';
import { checkRun } from './check/check-run.js';
import { dumpOrders, dumpStock } from './check/dump-databases.js';
import { copyLogs } from './copy-logs.js';
import { healSystem, waitSettled } from './heal.js';
import type { HistoryEvent } from './history/history-event.js';
import { readJsonLines } from './history/history-file.js';
import { faultResources } from './nemesis/fault-resources.js';
import { injectFault } from './nemesis/faults/inject-fault.js';
import { runNemesis } from './nemesis/nemesis.js';
import { type PlannedFault, planFaults } from './nemesis/plan-faults.js';
import { type ChaosReport, createReport } from './report/chaos-report.js';
import { type ChaosRun, startRun } from './start-run.js';
import type { Progress } from './watch-run.js';

/** Where a run puts its files, and how it reports its progress. */
export interface ChaosOutput {
  /** Created anew. History, dumps and logs stay in it when the run fails. */
  readonly dir: string;
  readonly say: (line: string) => void;
}

const CALM_AFTER_MS = 3_000;
const FINISH_TIMEOUT_MS = 120_000;
const SETTLE_TIMEOUT_MS = 300_000;

/**
 * Performs one chaos run: orders under faults, healing, settling, and the check of everything that was seen.
 *
 * @param signal ends the faults early; what happened until then is checked
 */
export async function runChaos(
  options: ChaosOptions,
  { dir, say }: ChaosOutput,
  signal: AbortSignal,
): Promise<ChaosReport> {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const historyFile = join(dir, 'history.jsonl');
  say('starting two of each service, the broker in three processes and two databases');
  const run = await startRun(options, { historyFile, onProgress: (progress) => say(describe(progress)) });
  try {
    await injectAll(run, options, signal, say);
    say('the faults are over: healing');
    const notServing = await healSystem(run.system, run.context.processes);
    await sleep(CALM_AFTER_MS);
    await run.stopOrders();
    await run.workload.finish(FINISH_TIMEOUT_MS);
    say('the orders have ended: waiting until all is settled');
    const left = await waitSettled(run.system, run.strangerLedger, SETTLE_TIMEOUT_MS, signal);
    await run.workload.askAgain();
    await run.context.sampler.askAll();
    await run.stopWatching();
    say('checking');
    const failures = [...notServing, ...left, ...checkBrokerMemory(run.system.broker.parts.values())];
    return await checkAll(run, options, { failures, historyFile, dir });
  } finally {
    await run.close();
  }
}

async function injectAll(
  { context, locks, write, settleClock }: ChaosRun,
  { seed, minutes, faults }: ChaosOptions,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const { topology } = context;
  const plan = planFaults({ seed, totalMs: minutes * 60_000, topology, kinds: faults });
  say(`${plan.length} faults are planned for ${minutes} minutes`);
  await runNemesis(
    {
      plan,
      locks,
      resources: (fault: PlannedFault) => faultResources(fault, topology),
      inject: (fault: PlannedFault) => injectFault(context, fault),
      write,
      onEnd: ({ id }, atMs) => settleClock.faultEnded(id, atMs),
    },
    signal,
  );
}

interface Findings {
  readonly failures: readonly string[];
  readonly historyFile: string;
  readonly dir: string;
}

async function checkAll(
  { system, settleClock }: ChaosRun,
  { seed, minutes, faults, keep }: ChaosOptions,
  { failures, historyFile, dir }: Findings,
): Promise<ChaosReport> {
  const [orderDump, stockDump] = await Promise.all([dumpOrders(system.orderDb), dumpStock(system.stockDb)]);
  const result = checkRun(readJsonLines<HistoryEvent>(historyFile), orderDump, stockDump);
  const report = createReport({
    seed,
    minutes,
    faults,
    result,
    orderDump,
    settleTimes: settleClock.times,
    neverSettled: settleClock.waiting,
    failures,
  });
  writeFileSync(join(dir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  if (report.pass && !keep) {
    rmSync(historyFile);
  } else {
    writeFileSync(join(dir, 'order-db.json'), JSON.stringify(orderDump));
    writeFileSync(join(dir, 'stock-db.json'), JSON.stringify(stockDump));
    copyLogs(system, join(dir, 'logs'));
  }
  return report;
}

function describe({ rate, medianMs, pending }: Progress): string {
  const answers = medianMs === undefined ? 'no answers' : `median ${medianMs.toFixed(0)} ms`;
  return `${rate.toFixed(0)} steps/s, ${answers}, ${pending ?? 'unknown'} orders unsettled`;
}
