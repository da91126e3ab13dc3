import type { HistoryFacts } from './history-facts.js';

/** Codes that tell a caller nothing, least of all whether to try again. */
const MEANINGLESS = ['INTERNAL', 'UNKNOWN', 'DATA_LOSS', 'UNIMPLEMENTED'];

/** Finds calls that ended with a code that no fault explains. One sentence per method and code. */
export function checkCodes({ counts }: Pick<HistoryFacts, 'counts'>): string[] {
  return [...counts.calls]
    .filter(([call]) => MEANINGLESS.some((code) => call.endsWith(` ${code}`)))
    .map(([call, count]) => `${call.replace(' ', ' was answered ')} ${count} times`);
}
