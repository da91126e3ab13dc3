/** What every target must keep to. The bounds are generous, because a machine may be busy with other work. */
export const BOUNDS = {
  /** CPU of one case. */
  caseCpuMs: 1_000,
  /** A child that starts no case for this long hangs. */
  hangMs: 30_000,
  /** `--max-old-space-size` of the child. */
  heapMib: 256,
  /** The child's peak resident size, which includes memory outside the heap. */
  residentMib: 512,
} as const;

/** The same bounds, some of them changed; for the runner's specs. */
export type Bounds = { readonly [K in keyof typeof BOUNDS]: number };
