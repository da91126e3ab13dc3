import { failpoints } from './failpoints.js';
import type { Settings } from './load-config.js';
import { logLevel } from './setting-types.js';

/** The settings that every service has. */
export const commonSettings = {
  logLevel: logLevel({
    env: 'TXMSG_LOG_LEVEL',
    default: 'info',
    description: 'fatal, error, warn, info, debug, trace or silent',
  }),
  failpoints: failpoints({
    env: 'TXMSG_FAILPOINTS',
    default: '',
    description: 'Crash points for tests; never set in production',
  }),
} satisfies Settings;
