import { createSubscriber } from '@txmsg/rocketmq';
import { type System, startSystem } from '@txmsg/testbed';
import { type Background, type Closers, createClosers, startBackground } from './background.js';
import type { ChaosOptions } from './chaos-options.js';
import { type Callers, connectCallers } from './connect-callers.js';
import type { HistoryEvent } from './history/history-event.js';
import { createHistoryFile } from './history/history-file.js';
import type { Topology } from './nemesis/fault-kinds.js';
import type { ChaosContext } from './nemesis/faults/chaos-context.js';
import { managedProcesses } from './nemesis/faults/managed-process.js';
import { createResourceLocks, type ResourceLocks } from './nemesis/resource-locks.js';
import { createSeenMessages, observeMessages } from './observe/observe-messages.js';
import { readNewestGroups, readUnsettled } from './observe/order-database-view.js';
import { createVerdictSampler } from './observe/sample-verdicts.js';
import { createSettleClock, type SettleClock } from './observe/settle-clock.js';
import { createStrangerLedger, type StrangerLedger } from './observe/stranger-ledger.js';
import { watchMemory } from './observe/watch-memory.js';
import { createSeededRandom } from './random/seeded-random.js';
import { createStrangerMaker } from './strangers/stranger-message.js';
import { watchCrashes } from './watch-crashes.js';
import { type Progress, watchRun } from './watch-run.js';
import { createPacer } from './workload/pacer.js';
import { initialStock } from './workload/products.js';
import { createWorkload, type Workload } from './workload/workload.js';

/** A system under orders and observation. */
export interface ChaosRun {
  readonly system: System;
  readonly context: ChaosContext;
  readonly locks: ResourceLocks;
  readonly workload: Workload;
  readonly settleClock: SettleClock;
  readonly strangerLedger: StrangerLedger;
  readonly write: (event: HistoryEvent) => void;
  /** Ends the orders; those in progress get their answer. */
  stopOrders(): Promise<void>;
  /** Ends every writer of the history, and waits until everything is in the file. */
  stopWatching(): Promise<void>;
  /** Ends and removes everything, also after a failure. Idempotent. */
  close(): Promise<void>;
}

/** Where the run is written down, and who hears of its progress. */
export interface RunOutput {
  readonly historyFile: string;
  readonly onProgress: (progress: Progress) => void;
}

const SIZE = { orders: 2, relays: 2, stocks: 2 };
/** The heap that a service must manage with, whatever happens to it. */
const MAX_HEAP_MIB = 384;
const FENCE_MS = 4_000;
const MIN_RATE = 20;
const SEEDED_AT_ONCE = 16;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Short times, so a run of minutes sees many re-publications and fences. */
const SETTINGS = {
  TXMSG_ORDER_FIRST_RELAY_DELAY: '2s',
  TXMSG_ORDER_MAX_RELAY_DELAY: '8s',
  TXMSG_ORDER_FENCE_TIME: `${FENCE_MS}ms`,
  TXMSG_ORDER_DB_TIMEOUT: '2s',
  TXMSG_STOCK_DB_TIMEOUT: '2s',
  TXMSG_RELAY_OUTBOX_IDLE_POLL: '1s',
  TXMSG_RELAY_WATERMARK_INTERVAL: '2s',
};

/** Starts a system with two of each service and everything replaceable, gives it stock, and sends it orders. */
export async function startRun(options: ChaosOptions, output: RunOutput): Promise<ChaosRun> {
  const closers = createClosers();
  try {
    return await start(options, output, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(options: ChaosOptions, output: RunOutput, closers: Closers): Promise<ChaosRun> {
  const history = createHistoryFile(output.historyFile);
  closers.add(() => history.close());
  const strangerLedger = createStrangerLedger();
  const write = (event: HistoryEvent) => {
    strangerLedger.note(event);
    history.write(event);
  };
  const system = await startSystem({
    ...SIZE,
    separateBroker: true,
    standbys: true,
    proxied: true,
    maxHeapMib: MAX_HEAP_MIB,
    env: SETTINGS,
  });
  closers.add(() => system.stop());
  const callers = await connectCallers(system, write, closers);
  await seedStock(callers);
  const parts = { ...assemble(system, callers, options, write), locks: createResourceLocks(), write };
  const watching = await startWatching(parts, output, closers);
  const orders = startBackground((signal) => parts.workload.run(signal));
  for (const background of [...watching, orders]) closers.add(() => background.stop());
  return {
    ...parts,
    system,
    strangerLedger,
    stopOrders: () => orders.stop(),
    async stopWatching() {
      for (const background of watching) await background.stop();
      await history.close();
    },
    close: () => closers.close(),
  };
}

function assemble(
  system: System,
  callers: Callers,
  { seed, maxRate }: ChaosOptions,
  write: (event: HistoryEvent) => void,
) {
  const random = createSeededRandom(seed);
  const prefix = `c${seed.toString(36)}`;
  const pacer = createPacer({ min: Math.min(MIN_RATE, maxRate), max: maxRate });
  const workload = createWorkload({
    callers: callers.orders,
    addStock: callers.addStock,
    random: random.fork('workload'),
    prefix,
    pacer,
    write,
  });
  const sampler = createVerdictSampler({
    participants: system.orders.map((_, replica) => system.participantClient(replica)),
    newest: (limit) => readNewestGroups(system.orderDb, limit),
    random: random.fork('verdicts'),
    write,
  });
  const topology: Topology = {
    orders: system.orders.length,
    relays: system.relays.length,
    stocks: system.stocks.length,
    links: [...system.network.links.keys()].sort(),
  };
  const context: ChaosContext = {
    system,
    topology,
    processes: managedProcesses(system),
    observerGroup: `observer_${system.stockGroup}`,
    seen: createSeenMessages(random.fork('seen').next),
    sampler,
    random: random.fork('faults'),
    strangers: createStrangerMaker(prefix),
    write,
    burst: (orders) => workload.burst(orders),
    fenceMs: FENCE_MS,
  };
  return { context, workload, pacer, settleClock: createSettleClock() };
}

type Parts = ReturnType<typeof assemble> & Pick<ChaosRun, 'locks' | 'write'>;

/** Starts the observers: of messages, verdicts, processes and unsettled orders. */
async function startWatching(
  parts: Parts,
  { onProgress }: RunOutput,
  closers: Closers,
): Promise<Background[]> {
  const { context, locks, write, workload, pacer, settleClock } = parts;
  const { system, sampler } = context;
  const services = [...system.orders, ...system.relays, ...system.stocks];
  const watch = {
    readUnsettled: () => readUnsettled(system.orderDb),
    takeLatencies: () => workload.takeLatencies(),
    pacer,
    settleClock,
    onProgress,
  };
  return [
    await startObserver(context, write, closers),
    startBackground((signal) => sampler.run(signal)),
    startBackground((signal) => watchCrashes(services, locks, write, signal)),
    startBackground((signal) => watchMemory(services, write, signal)),
    startBackground((signal) => watchRun(watch, signal)),
  ];
}

async function startObserver(
  { system, observerGroup, seen }: ChaosContext,
  write: (event: HistoryEvent) => void,
  closers: Closers,
) {
  await system.broker.createGroup(observerGroup, { retryMaxTimes: 1_000_000 });
  const subscriber = createSubscriber({
    endpoints: system.broker.endpoints,
    topic: system.messageTopic,
    group: observerGroup,
    logger: SILENT,
  });
  closers.add(() => subscriber.close());
  return startBackground((signal) => observeMessages(subscriber, seen, write, signal));
}

async function seedStock({ addStock }: Callers): Promise<void> {
  const additions = [...initialStock()].map(([productId, count]) => ({
    requestId: `seed-${productId}`,
    productId,
    count,
  }));
  for (let start = 0; start < additions.length; start += SEEDED_AT_ONCE) {
    const some = additions.slice(start, start + SEEDED_AT_ONCE);
    const added = await Promise.all(some.map((addition, replica) => addStock(addition, replica)));
    if (added.includes(false)) throw new Error('the first stock could not be added');
  }
}
