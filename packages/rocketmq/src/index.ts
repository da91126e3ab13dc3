export * from './broker-error.js';
export type * from './types.js';
