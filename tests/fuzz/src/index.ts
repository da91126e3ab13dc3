export { default as fc } from 'fast-check';
export { type FoundTarget, findTargets } from './find-targets.js';
export { type FuzzTarget, fuzzTarget } from './fuzz-target.js';
export { anyText, mutatedBytes, mutatedText } from './mutate.js';
export { FuzzError, type FuzzOptions, type FuzzResult, runTarget } from './run-target.js';
export { type TargetTest, targetTests } from './test-targets.js';
