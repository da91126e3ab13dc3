export { createNetwork, type Network } from './network.js';
export type { DatabaseName } from './prepare-databases.js';
export { mixReleases, type Release, type ReleaseMix } from './previous-release.js';
export { switchPrimary } from './replication.js';
export type { PlannedService } from './service-plan.js';
export type { ServiceProcess } from './service-process.js';
export { type System, type SystemOptions, startSystem } from './system.js';
