import type { Bounds } from '../bounds.js';

/** What the child is told, in its first message. */
export interface ChildJob {
  readonly file: string;
  readonly cases: number;
  readonly seed: number;
  readonly bounds: Bounds;
  /** Where it writes each case before it runs it. */
  readonly caseFile: string;
  /** Run this one case (v8 serialized) instead. */
  readonly replay?: Uint8Array;
}

/** What it answers. A child that hangs, or whose memory ends, doesn't. */
export type ChildAnswer =
  | { readonly kind: 'passed'; readonly cases: number; readonly peakMib: number }
  | { readonly kind: 'failed'; readonly why: string; readonly input: Uint8Array };
