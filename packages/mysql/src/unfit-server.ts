/** The server answers, but with its settings or tables our data would be lost or our statements would fail. */
export class UnfitServerError extends Error {
  /** What is wrong and how to fix it, a sentence or two per fault. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`the database server can't be used: ${faults.join(' ')}`);
    this.name = 'UnfitServerError';
    this.faults = faults;
  }
}
