/** The server answers, but with its settings or its tables something of ours would be lost or would fail. */
export class UnfitServerError extends Error {
  /** What is wrong and how it is mended, a sentence or two each. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`the database server can not be used: ${faults.join(' ')}`);
    this.name = 'UnfitServerError';
    this.faults = faults;
  }
}
