import type { Bounds } from '../bounds.js';

/** The child's first message. */
export interface ChildJob {
  readonly file: string;
  readonly cases: number;
  readonly seed: number;
  readonly bounds: Bounds;
  /** Where the child writes each case before it runs it. */
  readonly caseFile: string;
  /** Run only this case (v8 serialized). */
  readonly replay?: Uint8Array;
}

/** The child's answer. A child that hangs, or runs out of memory, sends none. */
export type ChildAnswer =
  | { readonly kind: 'passed'; readonly cases: number; readonly peakMib: number }
  | { readonly kind: 'failed'; readonly why: string; readonly input: Uint8Array };
