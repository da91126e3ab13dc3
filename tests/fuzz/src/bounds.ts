/** What every target has to keep to; generous, since a machine may be busy with other work. */
export const BOUNDS = {
  /** CPU of one case. */
  caseCpuMs: 1_000,
  /** A child that starts no case for so long is hung. */
  hangMs: 30_000,
  /** `--max-old-space-size` of the child. */
  heapMib: 256,
  /** The child's peak resident size, which also holds what lives outside the heap. */
  residentMib: 512,
} as const;

/** The same, some of it changed; for the specs of the runner. */
export type Bounds = { readonly [K in keyof typeof BOUNDS]: number };
