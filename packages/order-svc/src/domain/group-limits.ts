/** What bounds a group. */
export interface GroupLimits {
  /** Transactions at most. 1 keeps to the format of single messages. */
  readonly maxGroupSize: number;
}
