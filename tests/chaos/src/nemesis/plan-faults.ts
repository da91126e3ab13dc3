import { createSeededRandom, type SeededRandom } from '../random/seeded-random.js';
import { FAULT_KINDS, FAULT_NAMES, type FaultKind, type FaultName, type Topology } from './fault-kinds.js';

/** A fault to inject. */
export interface PlannedFault {
  /** 1 for the first. */
  readonly id: number;
  readonly kind: FaultName;
  readonly target: string;
  /** Milliseconds from the start of the plan. */
  readonly startMs: number;
  readonly durationMs: number;
  /** The amount; 0 for kinds without one. */
  readonly amount: number;
}

/** What to plan for. */
export interface PlanOptions {
  readonly seed: number;
  /** All faults end within this time. */
  readonly totalMs: number;
  readonly topology: Topology;
  /** The kinds to choose from. Default: all. */
  readonly kinds?: readonly FaultName[];
}

/** Orders flow undisturbed for a moment first, so there is something to lose. */
const CALM_MS = 3_000;
/** Time between groups of faults, within these bounds: long enough that every kind has its turn. */
const SLOT_MS = { min: 2_500, max: 8_000 };
/** How many faults begin at about the same time. */
const GROUP_SIZES = [1, 1, 1, 1, 2, 2, 3];

/**
 * Plans the faults of a run. The same seed, duration and topology give the same plan. Every kind has its turn before
 * one comes again; a run that is too short for all kinds takes as many as fit.
 */
export function planFaults({ seed, totalMs, topology, kinds = FAULT_NAMES }: PlanOptions): PlannedFault[] {
  const random = createSeededRandom(seed).fork('faults');
  const faults: PlannedFault[] = [];
  for (let roundMs = Math.min(CALM_MS, totalMs / 4); roundMs < totalMs; ) {
    const groups = splitGroups(random.shuffle(kinds), random);
    const slotMs = clamp((totalMs - roundMs) / groups.length, SLOT_MS);
    for (const [slot, group] of groups.entries()) {
      const slotStartMs = roundMs + slot * slotMs;
      for (const kind of group) {
        const startMs = Math.round(slotStartMs + random.next() * slotMs * 0.4);
        if (startMs >= totalMs) continue;
        const fault = chooseFault(kind, topology, random);
        const durationMs = Math.min(fault.durationMs, totalMs - startMs);
        faults.push({ ...fault, id: faults.length + 1, startMs, durationMs });
      }
    }
    roundMs += groups.length * slotMs;
  }
  return faults.sort((a, b) => a.startMs - b.startMs || a.id - b.id);
}

function chooseFault(kind: FaultName, topology: Topology, random: SeededRandom) {
  const { targets, durationMs, amount }: FaultKind = FAULT_KINDS[kind];
  return {
    kind,
    target: random.pick(targets(topology)),
    durationMs: random.int(...durationMs),
    amount: amount ? random.int(...amount) : 0,
  };
}

function splitGroups(kinds: readonly FaultName[], random: SeededRandom): FaultName[][] {
  const groups: FaultName[][] = [];
  for (let start = 0; start < kinds.length; ) {
    const size = random.pick(GROUP_SIZES);
    groups.push(kinds.slice(start, start + size));
    start += size;
  }
  return groups;
}

function clamp(value: number, { min, max }: { readonly min: number; readonly max: number }): number {
  return Math.min(max, Math.max(min, value));
}
