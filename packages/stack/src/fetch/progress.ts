/** Takes finished lines for people; `process.stderr` by default. */
export type Say = (line: string) => void;

/** Writes lines to standard error, so standard output stays free for results. */
export const sayToStderr: Say = (line) => {
  process.stderr.write(`${line}\n`);
};

const MIB = 1024 * 1024;
const LINE_EVERY_MS = 2_000;

/** Counts the bytes of one download of many files. Writes a line now and then, instead of one per file. */
export class DownloadProgress {
  readonly #what: string;
  readonly #totalBytes: number;
  readonly #say: Say;
  readonly #start = performance.now();
  #bytes = 0;
  #lastLine = performance.now();

  constructor(what: string, totalBytes: number, say: Say) {
    this.#what = what;
    this.#totalBytes = totalBytes;
    this.#say = say;
    say(`  downloading ${what} (${megabytes(totalBytes)} MB)`);
  }

  /** Adds bytes that have arrived; negative when an attempt is thrown away. */
  add(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now();
    if (now - this.#lastLine < LINE_EVERY_MS) return;
    this.#lastLine = now;
    const percent = Math.min(99, Math.floor((this.#bytes / this.#totalBytes) * 100));
    this.#say(`  ${this.#what}: ${percent} % of ${megabytes(this.#totalBytes)} MB`);
  }

  done(): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1);
    this.#say(`  ${this.#what}: downloaded in ${seconds} s`);
  }
}

function megabytes(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}
