export { createNetwork, type Network } from './network.js';
export type { ServiceProcess } from './service-process.js';
export { type System, type SystemOptions, startSystem } from './system.js';
