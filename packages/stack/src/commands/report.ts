import type { Part } from '../parts/part.js';
import type { BringUpReport } from '../stack/bring-up.js';
import { seconds } from '../stack/tables.js';

/** Writes lines for people to standard output. */
export function sayToStdout(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Reports each finished step of a start in one line. */
export const lineReport: BringUpReport = {
  partReady: (part, found, ms) => {
    const what = found === 'running' ? 'was running' : `ready in ${seconds(ms)}`;
    sayToStdout(`  ${part.spec.name.padEnd(11)} ${what.padEnd(16)} ${portsOf(part)}`);
  },
  stepDone: (name, detail, ms) => {
    sayToStdout(`  ${name.padEnd(11)} ${`done in ${seconds(ms)}`.padEnd(16)} ${detail}`);
  },
};

function portsOf(part: Part): string {
  const ports = Object.entries(part.spec.ports).map(([purpose, port]) => `${purpose} :${port}`);
  return ports.join(', ');
}
