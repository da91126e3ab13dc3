export { type DecodedResults, decodeResults, type UnreadableResults } from './decode-results.js';
export { type ConsumerOutcome, encodeResults, type Outcomes } from './encode-results.js';
export { MAX_RESULTS } from './result-limits.js';
